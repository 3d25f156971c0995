#include "ninelives/demo/demo_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json.hpp>
#include <span>
#include <utility>

#include "ninelives/base/printable.hpp"
#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/command_line/home_commands.hpp"
#include "ninelives/demo/assassin.hpp"
#include "ninelives/demo/demo_configuration.hpp"
#include "ninelives/demo/demo_report.hpp"
#include "ninelives/demo/git_history.hpp"
#include "ninelives/demo/home_logs_check.hpp"
#include "ninelives/demo/journal_audit.hpp"
#include "ninelives/home/prepare_home.hpp"

namespace nine::demo {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using command_line::control_client;
using command_line::terminal;

constexpr duration patience = 60s;
constexpr duration end_patience = 10s;  // with processes that are to go
constexpr int kill_signal = 9;

/// One run of the demo: the home, the tasks, the dead.
class demo_run {
 public:
  demo_run(control_client& client, terminal& terminal, command_line::client_seams seams,
           home::home_layout layout, demo_options options)
      : client_(client),
        terminal_(terminal),
        seams_(seams),
        layout_(std::move(layout)),
        options_(std::move(options)),
        draw_(options_.seed) {}

  /// The commits to describe; without any there is nothing to show, and nothing is begun.
  asio::awaitable<result<void>> read_commits();
  /// The exit code.
  asio::awaitable<result<int>> run();
  /// Stops what it has begun; in the midst of run(), too.
  asio::awaitable<result<void>> end();
  /// After an end in the midst: a guard that was being started then finds its home stopped, and
  /// goes. Until it has gone it may still make files.
  asio::awaitable<void> see_off_latecomers();

 private:
  environment::clock& clock() { return seams_.environment.clock; }
  std::uint64_t draw();

  asio::awaitable<result<void>> start_model();
  asio::awaitable<result<void>> give_tasks();
  asio::awaitable<result<std::string>> give_task(const commit& about);
  asio::awaitable<result<void>> watch();
  asio::awaitable<result<void>> kill_now_and_then();
  std::string_view next_role();
  bool nobody_left_to_kill() const;
  asio::awaitable<void> see_off(environment::process_identity process, monotonic_time deadline);
  asio::awaitable<bool> kill_one(std::string_view role);
  asio::awaitable<result<std::vector<journal::fact>>> read_journal();
  asio::awaitable<result<std::vector<std::string>>> check();
  void check_results(std::vector<std::string>& problems) const;
  void check_kills(std::vector<std::string>& problems) const;
  result<void> check_questions(const std::vector<journal::fact>& facts,
                               std::vector<std::string>& problems);
  std::vector<std::string> left_over();
  std::size_t ended() const;
  std::string progress() const;

  control_client& client_;
  terminal& terminal_;
  command_line::client_seams seams_;
  home::home_layout layout_;
  demo_options options_;
  std::uint64_t draw_;
  environment::process_identity model_;
  std::string model_url_;
  std::vector<commit> commits_;
  std::vector<task_record> tasks_;
  kill_counts kills_;
  bool begun_ = false;  ///< there is a home to stop
};

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same victims' draws.
std::uint64_t demo_run::draw() {
  auto mixed = draw_ += 0x9E3779B97F4A7C15U;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31);
}

asio::awaitable<result<void>> demo_run::start_model() {
  environment::process_specification specification;
  const auto address_file = options_.scratch / "model.address";
  const auto script_file = options_.scratch / "model.json";
  NINE_CO_TRY(seams_.environment.files.write_durably(script_file, model_script()));
  specification.arguments = {options_.program.string(),
                             "sim-model",
                             "--address-file",
                             address_file.string(),
                             "--seed",
                             std::to_string(options_.seed),
                             "--script",
                             script_file.string(),
                             "--log"};
  specification.environment = {"PATH=/usr/bin:/bin", "HOME=" + options_.scratch.string()};
  specification.log = options_.scratch / "model.log";
  NINE_CO_TRY_ASSIGN(model_, seams_.environment.processes.spawn(specification));
  const auto deadline = clock().now() + 10s;
  while (clock().now() < deadline) {
    if (const auto address = seams_.environment.files.read(address_file, 1 * KiB)) {
      model_url_ = "http://" + address->substr(0, address->find('\n')) + "/v1";
      co_return result<void>();
    }
    co_await clock().sleep_for(10ms);
  }
  co_return fail(error_code::timed_out, fmt::format("the simulated model did not start; see {}",
                                                    specification.log.string()));
}

asio::awaitable<result<void>> demo_run::read_commits() {
  NINE_CO_TRY_ASSIGN(commits_, co_await newest_commits(seams_.environment, options_.repository,
                                                       options_.scratch, options_.tasks));
  if (!commits_.empty()) co_return result<void>();
  co_return fail(error_code::not_found,
                 options_.repository.string() + " has no commits; try --repo DIR");
}

asio::awaitable<result<std::string>> demo_run::give_task(const commit& about) {
  const boost::json::object body{
      {"key", fmt::format("demo-{}", about.id)},
      {"text", "commit-message"},
      {"input", about.diff},
      {"directory", options_.scratch.string()},
      {"environment",
       {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", options_.scratch.string()}}}};
  auto text = boost::json::serialize(body);
  NINE_CO_TRY_ASSIGN(const auto answer,
                     co_await client_.call("POST", "/v1/tasks", std::move(text), patience));
  co_return std::string(answer.as_object().at("task").as_string());
}

asio::awaitable<result<void>> demo_run::give_tasks() {
  for (auto& one : commits_) {
    task_record record;
    NINE_CO_TRY_ASSIGN(record.id, co_await give_task(one));
    record.about = std::move(one);
    tasks_.push_back(std::move(record));
  }
  co_return result<void>();
}

std::size_t demo_run::ended() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(tasks_, [](const task_record& task) { return task.ended(); }));
}

std::string demo_run::progress() const {
  std::string killed;
  for (const auto& [role, count] : kills_)
    killed += fmt::format(" {} {}", role, count);
  return fmt::format("{}/{} results; killed:{}", ended(), tasks_.size(),
                     killed.empty() ? " nobody yet" : killed);
}

/// Collects the results as they come, until all are there. Error: timed_out, none comes any more.
asio::awaitable<result<void>> demo_run::watch() {
  constexpr duration longest_silence = 2min;
  command_line::progress_line line(terminal_);
  auto last_result = clock().now();
  while (ended() < tasks_.size()) {
    for (auto& task : tasks_) {
      if (task.ended()) continue;
      auto answer = co_await client_.call("GET", "/v1/tasks/" + task.id, "", patience);
      if (answer && !answer->as_object().at("result").is_null()) {
        task.end = std::move(answer->as_object());
        last_result = clock().now();
      }
      line.show(progress());
    }
    if (clock().now() - last_result > longest_silence) {
      co_return fail(error_code::timed_out,
                     fmt::format("for two minutes no task has ended ({})", progress()));
    }
    co_await clock().sleep_for(100ms);
  }
  co_return result<void>();
}

/// Each role has its turn once, then chance says whose it is.
std::string_view demo_run::next_role() {
  for (const auto role : roles_in_turn) {
    if (!kills_.contains(role)) return role;
  }
  return drawn_role(draw());
}

/// Agents and shims go with their tasks; core and guard can be killed as long as there is a home.
bool demo_run::nobody_left_to_kill() const {
  if (ended() < tasks_.size()) return false;
  return !kills_.contains("shim") || (kills_.contains("core") && kills_.contains("guard"));
}

asio::awaitable<result<void>> demo_run::kill_now_and_then() {
  std::size_t attempts = 0;
  const auto attempts_most = options_.kills * 20;
  std::size_t done = 0;
  while (done < options_.kills && !nobody_left_to_kill() && attempts++ < attempts_most) {
    co_await clock().sleep_for(std::chrono::milliseconds(50 + draw() % 300));
    const auto role = next_role();
    if (co_await kill_one(role)) ++done;
  }
  co_return result<void>();
}

asio::awaitable<bool> demo_run::kill_one(std::string_view role) {
  const auto status = co_await client_.look("/v1/status");
  if (!status || !status->is_object()) co_return false;
  const auto chosen = choose_victim(status->get_object(), role, draw());
  if (!chosen) co_return false;
  auto& processes = seams_.environment.processes;
  const auto identity = processes.identify(chosen->pid);
  if (!identity || !processes.signal(*identity, kill_signal)) co_return false;
  ++kills_[chosen->role];
  for (auto& task : tasks_) {
    if (chosen->child.starts_with(task.id + ".")) ++task.kills;
  }
  co_return true;
}

asio::awaitable<result<std::vector<journal::fact>>> demo_run::read_journal() {
  std::vector<journal::fact> facts;
  NINE_CO_TRY_ASSIGN(auto events,
                     co_await client_.events("/v1/events?after=0&until_now=1", "", patience));
  for (;;) {
    auto next = co_await events.next();
    if (!next)
      co_return fail(error_code::protocol_error,
                     "the journal could not be read: " + next.error().message);
    if (!*next) co_return facts;
    const auto data = boost::json::parse((*next)->data).as_object();
    journal::fact fact;
    fact.number = sequence(data.at("sequence").to_number<std::int64_t>());
    fact.task = parse_task_id(std::string_view(data.at("task").as_string())).value_or(task_id());
    fact.at = wall_time_from_milliseconds(data.at("at_ms").to_number<std::int64_t>());
    fact.kind = std::string(data.at("kind").as_string());
    fact.body = boost::json::serialize(data.at("body"));
    facts.push_back(std::move(fact));
  }
}

std::vector<std::string> demo_run::left_over() {
  std::vector<std::string> problems;
  auto& processes = seams_.environment.processes;
  std::vector<std::string> markers{"NINE_HOME=" + layout_.root().string()};
  for (const auto& task : tasks_) {
    const auto attempts =
        task.end.contains("attempts") ? task.end.at("attempts").to_number<int>() : 0;
    for (int attempt = 1; attempt <= attempts; ++attempt) {
      markers.push_back(fmt::format(
          "NINE_CHILD={}", (layout_.shims() / fmt::format("{}.a{}", task.id, attempt)).string()));
    }
  }
  for (const auto& marker : markers) {
    const auto found = processes.find_marked(marker);
    for (const auto& process : found.value_or(std::vector<environment::process_identity>())) {
      problems.push_back(fmt::format("process {} is left over ({})", process.pid, marker));
    }
  }
  return problems;
}

void demo_run::check_results(std::vector<std::string>& problems) const {
  for (const auto& task : tasks_) {
    const auto status = std::string_view(task.end.at("status").as_string());
    if (status != "succeeded" && status != "degraded") {
      problems.push_back(fmt::format("{} {}: {}", task.id, status,
                                     std::string_view(task.end.at("reason").as_string())));
    }
  }
}

/// A demo in which nobody of a kind died has proved nothing about that kind.
void demo_run::check_kills(std::vector<std::string>& problems) const {
  const auto roles = std::min(options_.kills, roles_in_turn.size());
  for (const auto role : std::span(roles_in_turn).first(roles)) {
    if (!kills_.contains(role))
      problems.push_back(fmt::format("no {} was killed; try more --tasks", role));
  }
}

result<void> demo_run::check_questions(const std::vector<journal::fact>& facts,
                                       std::vector<std::string>& problems) {
  constexpr bytes log_bytes_most = 64 * MiB;
  NINE_TRY_ASSIGN(const auto log,
                  seams_.environment.files.read(options_.scratch / "model.log", log_bytes_most));
  const auto again = audit_questions(facts, read_questions(log));
  problems.insert(problems.end(), again.begin(), again.end());
  return {};
}

asio::awaitable<result<std::vector<std::string>>> demo_run::check() {
  NINE_CO_TRY_ASSIGN(const auto facts, co_await read_journal());
  auto problems = audit(facts);
  const auto results = std::ranges::count(facts, std::string("task_ended"), &journal::fact::kind);
  if (static_cast<std::size_t>(results) != tasks_.size()) {
    problems.push_back(fmt::format("{} results for {} tasks", results, tasks_.size()));
  }
  check_results(problems);
  check_kills(problems);
  NINE_CO_TRY(check_questions(facts, problems));
  if (const auto ended = co_await end(); !ended) problems.push_back(ended.error().message);
  for (const auto& found : {left_over(), complaints_in_logs(seams_.environment.files, layout_)})
    problems.insert(problems.end(), found.begin(), found.end());
  co_return problems;
}

asio::awaitable<result<int>> demo_run::run() {
  begun_ = true;
  auto& files = seams_.environment.files;
  NINE_CO_TRY(home::prepare_home(files, layout_));
  NINE_CO_TRY(co_await start_model());
  const auto configuration = home_configuration(options_.program.string(), model_url_);
  NINE_CO_TRY(files.write_durably(layout_.root() / "nine.yaml", configuration));
  NINE_CO_TRY(co_await give_tasks());
  const auto [watched, killed] = co_await (watch() && kill_now_and_then());
  NINE_CO_TRY(watched);
  NINE_CO_TRY_ASSIGN(const auto problems, co_await check());
  print_outcome(terminal_, {tasks_, kills_, problems, options_.seed});
  co_return problems.empty() ? command_line::exit_succeeded : command_line::exit_failed;
}

asio::awaitable<result<void>> demo_run::end() {
  if (!std::exchange(begun_, false)) co_return result<void>();
  terminal quiet{.out = [](std::string_view) {}, .err = terminal_.err};
  const auto code =
      co_await command_line::down(client_, quiet, seams_, layout_, "the demo is over");
  if (model_.pid > 0) {
    static_cast<void>(seams_.environment.processes.signal(model_, kill_signal));
    co_await see_off(model_, clock().now() + end_patience);
  }
  if (code == command_line::exit_succeeded) co_return result<void>();
  co_return fail(error_code::timed_out, "the demo's home could not be stopped");
}

asio::awaitable<void> demo_run::see_off(environment::process_identity process,
                                        monotonic_time deadline) {
  auto gone = seams_.environment.processes.wait(process);
  auto given_up = clock().sleep_until(deadline);
  co_await (std::move(gone) || std::move(given_up));
}

asio::awaitable<void> demo_run::see_off_latecomers() {
  const auto marker = "NINE_HOME=" + layout_.root().string();
  const auto found = seams_.environment.processes.find_marked(marker);
  const auto deadline = clock().now() + end_patience;
  for (const auto& process : found.value_or(std::vector<environment::process_identity>()))
    co_await see_off(process, deadline);
}

asio::awaitable<result<void>> end_in_the_midst(demo_run& demo) {
  auto ended = co_await demo.end();
  co_await demo.see_off_latecomers();
  co_return ended;
}

/// The exit code of a demo that was asked to end, once its home is stopped; a second wish ends it
/// at once.
asio::awaitable<int> leave(demo_run& demo, terminal& terminal,
                           environment::termination& termination) {
  terminal.err("\nnine: interrupted; the demo's home is being stopped\n");
  const auto ended = co_await (end_in_the_midst(demo) || termination.requested());
  if (ended.index() == 0 && !std::get<0>(ended))
    command_line::refuse(terminal, std::get<0>(ended).error());
  co_return command_line::exit_cancelled;
}

}  // namespace

asio::awaitable<demo_end> run_demo(control_client& client, terminal& terminal,
                                   command_line::client_seams seams,
                                   environment::termination& termination, home::home_layout layout,
                                   demo_options options) {
  const auto scratch = options.scratch.string();
  demo_run demo(client, terminal, seams, std::move(layout), std::move(options));
  if (const auto read = co_await demo.read_commits(); !read) {
    terminal.err(fmt::format("nine: {}\n", printable(read.error().message)));
    co_return demo_end{command_line::exit_usage, false};
  }
  terminal.err(fmt::format("nine: the demo has its home in {}; Ctrl-C ends it\n", scratch));
  auto outcome = co_await (demo.run() || termination.requested());
  if (outcome.index() == 1) {
    const auto code = co_await leave(demo, terminal, termination);
    co_return demo_end{code, false};
  }
  const auto& code = std::get<0>(outcome);
  if (code) co_return demo_end{*code, *code != command_line::exit_succeeded};
  const auto ended = co_await end_in_the_midst(demo);
  for (const auto& problem : {code.error(), ended ? error() : ended.error()}) {
    if (!problem.message.empty())
      terminal.err(fmt::format("nine: the demo failed: {}\n", printable(problem.message)));
  }
  co_return demo_end{command_line::exit_failed, true};
}

}  // namespace nine::demo
