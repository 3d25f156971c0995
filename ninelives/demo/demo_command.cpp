#include "ninelives/demo/demo_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json.hpp>
#include <map>

#include "ninelives/base/printable.hpp"
#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/command_line/home_commands.hpp"
#include "ninelives/demo/assassin.hpp"
#include "ninelives/demo/git_history.hpp"
#include "ninelives/demo/journal_audit.hpp"
#include "ninelives/home/prepare_home.hpp"

namespace nine::demo {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using command_line::control_client;
using command_line::terminal;

constexpr duration patience = 60s;
constexpr int kill_signal = 9;

struct task_record {
  std::string id;
  commit about;
  int kills = 0;  ///< of its agents and shims
  boost::json::object end;

  bool ended() const { return !end.empty(); }
};

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

  asio::awaitable<result<int>> run();

 private:
  environment::clock& clock() { return seams_.environment.clock; }
  std::uint64_t draw();

  asio::awaitable<result<void>> start_model();
  asio::awaitable<result<void>> give_tasks();
  asio::awaitable<void> watch();
  asio::awaitable<void> kill_now_and_then();
  asio::awaitable<void> kill_one();
  asio::awaitable<result<std::vector<journal::fact>>> read_journal();
  asio::awaitable<result<std::vector<std::string>>> check();
  std::vector<std::string> left_over();
  std::size_t ended() const;
  std::string progress() const;
  void print_table();
  int print_verdict(const std::vector<std::string>& problems);

  control_client& client_;
  terminal& terminal_;
  command_line::client_seams seams_;
  home::home_layout layout_;
  demo_options options_;
  std::uint64_t draw_;
  environment::process_identity model_;
  std::string model_url_;
  std::vector<task_record> tasks_;
  std::map<std::string, int> kills_;
  std::vector<environment::process_identity> seen_;
};

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same victims' draws.
std::uint64_t demo_run::draw() {
  auto mixed = draw_ += 0x9E3779B97F4A7C15U;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31);
}

/// The demo kills one agent oftener within a minute than any honest crash loop: its home is told to
/// bear that.
constexpr std::string_view demo_configuration =
    "limits: {concurrent_agents: 6}\n"
    "supervision:\n"
    "  restart_intensity: 1000\n"
    "  restart_delay: {initial: 50ms, max: 500ms}\n"
    "  crash_loop: {crashes: 10, window: 1s, cool_down: 0s}\n";

/// A model on a bad day: a fifth of the calls fails, in ways that are mended by a retry or by the
/// next attempt.
constexpr std::string_view model_script = R"json({
  "answer": "commit_message",
  "probabilities": {"rate_limited": 0.05, "unavailable": 0.05, "server_error": 0.03, "cut_stream": 0.03,
                    "malformed_json": 0.03, "empty_content": 0.02, "overlong_content": 0.02, "hang": 0.01},
  "retry_after_ms": 300, "first_token_ms": 600, "between_pieces_ms": 20, "hang_ms": 3000
})json";

asio::awaitable<result<void>> demo_run::start_model() {
  environment::process_specification specification;
  const auto address_file = options_.scratch / "model.address";
  const auto script_file = options_.scratch / "model.json";
  NINE_CO_TRY(seams_.environment.files.write_durably(script_file, model_script));
  specification.arguments = {options_.program.string(),
                             "sim-model",
                             "--address-file",
                             address_file.string(),
                             "--seed",
                             std::to_string(options_.seed),
                             "--script",
                             script_file.string()};
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

asio::awaitable<result<void>> demo_run::give_tasks() {
  NINE_CO_TRY_ASSIGN(auto commits, co_await newest_commits(seams_.environment, options_.repository,
                                                           options_.scratch, options_.tasks));
  if (commits.empty()) {
    co_return fail(error_code::not_found,
                   options_.repository.string() + " has no commits; try --repo DIR");
  }
  for (auto& one : commits) {
    const boost::json::object body{{"key", fmt::format("demo-{}", one.id)},
                                   {"text", "commit-message"},
                                   {"input", one.diff},
                                   {"directory", options_.scratch.string()},
                                   {"environment",
                                    {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                     {"OPENAI_BASE_URL", model_url_},
                                     {"OPENAI_API_KEY", "sk-simulated"},
                                     {"HOME", options_.scratch.string()}}}};
    auto text = boost::json::serialize(body);
    NINE_CO_TRY_ASSIGN(const auto answer,
                       co_await client_.call("POST", "/v1/tasks", std::move(text), patience));
    task_record record;
    record.id = std::string(answer.as_object().at("task").as_string());
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

/// Collects the results as they come, until all are there.
asio::awaitable<void> demo_run::watch() {
  command_line::progress_line line(terminal_);
  while (ended() < tasks_.size()) {
    for (auto& task : tasks_) {
      if (task.ended()) continue;
      auto answer = co_await client_.call("GET", "/v1/tasks/" + task.id, "", patience);
      if (answer && !answer->as_object().at("result").is_null())
        task.end = std::move(answer->as_object());
      line.show(progress());
    }
    co_await clock().sleep_for(100ms);
  }
}

asio::awaitable<void> demo_run::kill_now_and_then() {
  std::size_t attempts = 0;
  const auto attempts_most = options_.kills * 20;
  std::size_t done = 0;
  while (done < options_.kills && ended() < tasks_.size() && attempts++ < attempts_most) {
    co_await clock().sleep_for(std::chrono::milliseconds(50 + draw() % 300));
    const auto before = kills_;
    co_await kill_one();
    if (before != kills_) ++done;
  }
  // The tasks end by themselves; this coroutine only must not end before them.
  while (ended() < tasks_.size())
    co_await clock().sleep_for(100ms);
}

asio::awaitable<void> demo_run::kill_one() {
  const auto status = co_await client_.look("/v1/status");
  if (!status || !status->is_object()) co_return;
  const auto chosen = choose_victim(status->get_object(), draw());
  if (!chosen) co_return;
  auto& processes = seams_.environment.processes;
  const auto identity = processes.identify(chosen->pid);
  if (!identity) co_return;
  seen_.push_back(*identity);
  if (!processes.signal(*identity, kill_signal)) co_return;
  ++kills_[chosen->role];
  for (auto& task : tasks_) {
    if (chosen->child.starts_with(task.id + ".")) ++task.kills;
  }
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

asio::awaitable<result<std::vector<std::string>>> demo_run::check() {
  NINE_CO_TRY_ASSIGN(const auto facts, co_await read_journal());
  auto problems = audit(facts);
  const auto results = std::ranges::count(facts, std::string("task_ended"), &journal::fact::kind);
  if (static_cast<std::size_t>(results) != tasks_.size()) {
    problems.push_back(fmt::format("{} results for {} tasks", results, tasks_.size()));
  }
  for (const auto& task : tasks_) {
    const auto status = std::string_view(task.end.at("status").as_string());
    if (status != "succeeded" && status != "degraded") {
      problems.push_back(fmt::format("{} {}: {}", task.id, status,
                                     std::string_view(task.end.at("reason").as_string())));
    }
  }
  terminal quiet{[](std::string_view) {}, terminal_.err, false, false};
  const auto code =
      co_await command_line::down(client_, quiet, seams_, layout_, "the demo is over");
  if (code != command_line::exit_succeeded) problems.push_back("the home could not be stopped");
  const auto rest = left_over();
  problems.insert(problems.end(), rest.begin(), rest.end());
  co_return problems;
}

void demo_run::print_table() {
  if (terminal_.json) return;
  terminal_.out(fmt::format("\n{:<5} {:<10} {:>8} {:>8} {:>6} {:>8}  {}\n", "TASK", "STATUS",
                            "ATTEMPTS", "RESTARTS", "KILLS", "REPLAYED", "RESULT"));
  for (const auto& task : tasks_) {
    const auto number = [&](std::string_view name) {
      return task.end.at(name).to_number<std::int64_t>();
    };
    const auto text = std::string(task.end.at("result").as_string());
    terminal_.out(fmt::format("{:<5} {:<10} {:>8} {:>8} {:>6} {:>8}  {}\n", task.id,
                              std::string_view(task.end.at("status").as_string()),
                              number("attempts"), number("restarts"), task.kills,
                              number("replayed_steps"),
                              printable(std::string_view(text).substr(0, text.find('\n')))));
  }
}

int demo_run::print_verdict(const std::vector<std::string>& problems) {
  boost::json::object killed;
  int all = 0;
  for (const auto& [role, count] : kills_) {
    killed[role] = count;
    all += count;
  }
  if (terminal_.json) {
    boost::json::array tasks;
    for (const auto& task : tasks_)
      tasks.push_back(task.end);
    boost::json::array wrong;
    for (const auto& problem : problems)
      wrong.emplace_back(problem);
    terminal_.out(
        boost::json::serialize(boost::json::object{
            {"tasks", tasks}, {"killed", killed}, {"problems", wrong}, {"seed", options_.seed}}) +
        "\n");
  } else {
    terminal_.out(fmt::format("\n{} tasks, {} results; {} kills survived ({})\n", tasks_.size(),
                              ended(), all, boost::json::serialize(killed)));
    if (problems.empty()) {
      terminal_.out(
          "journal checked: every task has exactly one result, no step was done twice, no process "
          "is left over\n");
    }
    for (const auto& problem : problems)
      terminal_.out("WRONG: " + printable(problem) + "\n");
  }
  return problems.empty() ? command_line::exit_succeeded : command_line::exit_failed;
}

asio::awaitable<result<int>> demo_run::run() {
  NINE_CO_TRY(home::prepare_home(seams_.environment.files, layout_));
  NINE_CO_TRY(
      seams_.environment.files.write_durably(layout_.root() / "nine.yaml", demo_configuration));
  NINE_CO_TRY(co_await start_model());
  auto given = co_await give_tasks();
  std::vector<std::string> problems;
  if (given) {
    co_await (watch() && kill_now_and_then());
    auto found = co_await check();
    if (found)
      problems = *std::move(found);
    else
      given = std::unexpected(found.error());
  }
  static_cast<void>(seams_.environment.processes.signal(model_, kill_signal));
  NINE_CO_TRY(given);
  print_table();
  co_return print_verdict(problems);
}

}  // namespace

asio::awaitable<int> run_demo(control_client& client, terminal& terminal,
                              command_line::client_seams seams, home::home_layout layout,
                              demo_options options) {
  demo_run demo(client, terminal, seams, std::move(layout), std::move(options));
  const auto code = co_await demo.run();
  if (code) co_return *code;
  terminal.err(fmt::format("nine: the demo could not run: {}\n", code.error().message));
  co_return command_line::exit_failed;
}

}  // namespace nine::demo
