#include "ninelives/control/control_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <limits>
#include <map>

#include "ninelives/control/json_body.hpp"
#include "ninelives/control/routes.hpp"
#include "ninelives/execution/task_view.hpp"

namespace nine::control {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t listed_most = 1000;
constexpr bytes log_tail_bytes_most = 256 * KiB;
constexpr std::int64_t longest_wait_ms = 60'000;
constexpr bytes reason_bytes_most = 4 * KiB;

http::response json(const boost::json::value& value) {
  return http::json_response(200, boost::json::serialize(value));
}

struct number_range {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

/// A number that came as a text; `otherwise` when none came.
result<std::int64_t> number_of(std::string_view name, std::optional<std::string_view> text,
                               std::int64_t otherwise, number_range range = {}) {
  if (!text) return otherwise;
  std::int64_t value = 0;
  const auto* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  const bool whole = read.ec == std::errc() && read.ptr == end;
  if (whole && value >= range.least && value <= range.most) return value;
  return fail(error_code::invalid_argument,
              fmt::format("'{}' must be a whole number from {} to {}, not '{}'", name, range.least,
                          range.most, text->substr(0, 100)));
}

/// The one text that the body of some requests may hold; empty when it is not there.
result<std::string> text_in(const http::request& request, std::string_view name) {
  if (request.body.empty()) return std::string();
  NINE_TRY_ASSIGN(json_body body, json_body::parse(request.body));
  auto text = body.text(name);
  NINE_TRY(body.finish());
  return text;
}

result<std::string> reason_in(const http::request& request, std::string_view otherwise) {
  NINE_TRY_ASSIGN(auto reason, text_in(request, "reason"));
  if (reason.size() > reason_bytes_most) {
    return fail(error_code::too_large, fmt::format("the reason has {} bytes; at most {} are kept",
                                                   reason.size(), reason_bytes_most));
  }
  return reason.empty() ? std::string(otherwise) : reason;
}

/// What is known of a task whose facts cannot be read.
boost::json::object damaged_task(task_id task, const error& why) {
  return {{"task", nine::to_string(task)},
          {"status", "damaged"},
          {"missing", boost::json::array()},
          {"attempts", 0},
          {"restarts", 0},
          {"duration_ms", 0},
          {"cost", {{"input_tokens", 0}, {"output_tokens", 0}}},
          {"reason", why.message}};
}

/// A fact that cannot be read any more is told of, so that nobody takes the rest for all.
http::sent_event event_of(const journal::fact& fact) {
  const auto kind = fact.damaged ? std::string("damaged") : fact.kind;
  const auto what = fact.damaged ? "this fact cannot be read any more" : execution::what_of(fact);
  boost::json::error_code problem;
  auto body = boost::json::parse(fact.body, problem);
  const boost::json::object data{{"sequence", fact.number.value()},
                                 {"task", fact.task ? to_string(fact.task) : ""},
                                 {"at_ms", to_milliseconds(fact.at)},
                                 {"kind", kind},
                                 {"what", what},
                                 {"body", problem ? boost::json::value() : std::move(body)}};
  return {std::to_string(fact.number.value()), kind, boost::json::serialize(data)};
}

/// The last lives of each child that have left something, oldest first: what killed one often
/// stands in the one before.
std::vector<std::pair<std::string, epoch>> lives_to_show(
    orchestration::task_files& files, task_id task,
    const std::map<std::string, execution::child_state, std::less<>>& children) {
  constexpr std::int64_t lives_most = 10;
  std::vector<std::pair<std::string, epoch>> lives;
  for (const auto& [name, child] : children) {
    const auto last = child.last.value();
    for (auto life = std::max<std::int64_t>(1, last - lives_most + 1); life <= last; ++life) {
      if (life == last || files.has_output(task, name, epoch(life)))
        lives.emplace_back(name, epoch(life));
    }
  }
  return lives;
}

/// The end of a stream of a child, which byte of the whole it begins with, and where the whole is.
void add_tail(boost::json::object& log, const std::string& stream, orchestration::file_tail tail,
              const std::filesystem::path& file) {
  log[stream] = std::move(tail.text);
  log[stream + "_from"] = tail.from;
  log[stream + "_file"] = file.string();
}

std::string_view name_of(journal::journal_health health) {
  switch (health) {
    case journal::journal_health::working:
      return "working";
    case journal::journal_health::failed:
      return "failed";
    case journal::journal_health::closed:
      break;
  }
  return "closed";
}

boost::json::object journal_json(const journal::journal_status& status) {
  boost::json::object shown{{"health", name_of(status.health)},
                            {"queued", status.queued},
                            {"last_durable", status.last_durable.value()},
                            {"reopenings", status.reopenings}};
  if (status.last_error) shown["last_error"] = status.last_error->message;
  return shown;
}

boost::json::object child_json(const supervision::child_view& child, const control_seams& seams) {
  boost::json::array processes;
  for (const auto& process : processes_of(child))
    processes.push_back(process_json(process, seams.inspect(process.process)));
  boost::json::object shown{{"name", child.name},           {"state", to_string(child.now)},
                            {"connected", child.connected}, {"epoch", child.incarnation.value()},
                            {"restarts", child.restarts},   {"processes", std::move(processes)}};
  if (child.starts_in) shown["starts_in_ms"] = to_milliseconds(*child.starts_in);
  return shown;
}

}  // namespace

control_api::control_api(orchestration::orchestrator& orchestrator, journal::journal& journal,
                         const submission_reader& submissions, control_seams seams, home_seams home)
    : orchestrator_(orchestrator),
      journal_(journal),
      submissions_(submissions),
      seams_(seams),
      home_(std::move(home)) {}

void control_api::add_routes(http::router& router) {
  using handler = answer (control_api::*)(http::request);
  // In the order of control_routes.
  constexpr std::array<handler, control_routes.size()> handlers{
      &control_api::submit, &control_api::list,    &control_api::show, &control_api::cancel,
      &control_api::retry,  &control_api::explain, &control_api::logs, &control_api::tree,
      &control_api::status, &control_api::events,  &control_api::down};
  for (std::size_t index = 0; index < handlers.size(); ++index) {
    const auto& [method, path] = control_routes[index];
    router.add(std::string(method), path, [this, to = handlers[index]](http::request request) {
      return (this->*to)(std::move(request));
    });
  }
}

control_api::answer control_api::submit(http::request request) {
  auto read = [this, body = std::move(request.body)] { return submissions_.read(body); };
  auto submission = co_await environment::run_on(seams_.worker, std::move(read));
  if (!submission) co_return http::problem(submission.error());
  const auto accepted = co_await accept(*std::move(submission));
  if (!accepted) co_return http::problem(accepted.error());
  co_return json(boost::json::object{{"task", nine::to_string(*accepted)}});
}

/// Clients ask again when an answer was lost: the same key gives the task it made before.
asio::awaitable<result<task_id>> control_api::accept(orchestration::submission given) {
  const auto key = given.key;
  auto accepted = co_await orchestrator_.accept(std::move(given));
  if (!accepted && accepted.error().code == error_code::already_exists) {
    accepted = co_await journal_.find_unique(key);
  }
  co_return accepted;
}

asio::awaitable<result<boost::json::object>> control_api::view_of(task_id task) {
  NINE_CO_TRY_ASSIGN(const auto state, co_await orchestrator_.load(task));
  std::string text;
  if (state.ended) {
    auto content = state.ended->result;
    NINE_CO_TRY_ASSIGN(text, co_await orchestrator_.contents().read(std::move(content)));
  }
  co_return execution::task_view(state, text, seams_.clock.wall_now());
}

control_api::answer control_api::show(http::request request) {
  const auto task = parse_task_id(request.parameter("id"));
  if (!task) co_return http::problem(task.error());
  const auto wait_ms =
      number_of("wait_ms", request.where.find("wait_ms"), 0, {.most = longest_wait_ms});
  if (!wait_ms) co_return http::problem(wait_ms.error());
  if (*wait_ms > 0) co_await orchestrator_.wait_for_end(*task, std::chrono::milliseconds(*wait_ms));
  const auto view = co_await view_of(*task);
  if (!view) co_return http::problem(view.error());
  co_return json(*view);
}

control_api::answer control_api::list(http::request request) {
  const auto limit =
      number_of("limit", request.where.find("limit"), 50, {.least = 1, .most = listed_most});
  if (!limit) co_return http::problem(limit.error());
  std::vector<journal::task_summary> newest;
  task_id after;
  for (;;) {
    const auto page = co_await journal_.tasks(after, listed_most);
    if (!page) co_return http::problem(page.error());
    newest.insert(newest.end(), page->begin(), page->end());
    if (newest.size() > static_cast<std::size_t>(*limit))
      newest.erase(newest.begin(), newest.end() - *limit);
    if (page->size() < static_cast<std::size_t>(listed_most)) break;
    after = page->back().task;
  }
  boost::json::array tasks;
  for (const auto& summary : newest) {
    const auto state = co_await orchestrator_.load(summary.task);
    if (!state && state.error().code == error_code::not_found) continue;  // expired meanwhile
    if (!state && state.error().code == error_code::corrupted) {
      tasks.push_back(damaged_task(summary.task, state.error()));
      continue;
    }
    if (!state) co_return http::problem(state.error());
    auto view = execution::task_view(*state, "", seams_.clock.wall_now());
    view.erase("result");
    view.erase("history");
    tasks.push_back(std::move(view));
  }
  co_return json(boost::json::object{{"tasks", std::move(tasks)}});
}

control_api::answer control_api::cancel(http::request request) {
  const auto task = parse_task_id(request.parameter("id"));
  if (!task) co_return http::problem(task.error());
  auto reason = reason_in(request, "cancelled by the user");
  if (!reason) co_return http::problem(reason.error());
  const auto done = co_await orchestrator_.cancel(*task, *std::move(reason));
  if (!done) co_return http::problem(done.error());
  co_return json(boost::json::object{{"task", nine::to_string(*task)}});
}

control_api::answer control_api::retry(http::request request) {
  const auto task = parse_task_id(request.parameter("id"));
  if (!task) co_return http::problem(task.error());
  auto key = text_in(request, "key");
  if (!key) co_return http::problem(key.error());
  auto state = co_await orchestrator_.load(*task);
  if (!state) co_return http::problem(state.error());
  if (!state->ended) {
    co_return http::problem(error{error_code::precondition_failed,
                                  nine::to_string(*task) + " has not ended; cancel it first"});
  }
  orchestration::submission submission;
  submission.key = *std::move(key);
  submission.specification = state->specification;
  submission.specification.retry_of = nine::to_string(*task);
  auto input = co_await orchestrator_.contents().read(state->specification.input);
  if (!input) co_return http::problem(input.error());
  submission.input = *std::move(input);
  auto files = orchestrator_.files();
  auto caller = files.read_environment(*task);
  if (!caller) co_return http::problem(caller.error());
  submission.caller = *std::move(caller);
  const auto accepted = co_await accept(std::move(submission));
  if (!accepted) co_return http::problem(accepted.error());
  co_return json(boost::json::object{{"task", nine::to_string(*accepted)},
                                     {"retry_of", nine::to_string(*task)}});
}

control_api::answer control_api::explain(http::request request) {
  const auto task = parse_task_id(request.parameter("id"));
  if (!task) co_return http::problem(task.error());
  auto view = co_await view_of(*task);
  if (!view) co_return http::problem(view.error());
  const auto facts = co_await journal_.read_task(*task);
  if (!facts) co_return http::problem(facts.error());
  view->insert_or_assign("timeline", execution::task_timeline(*facts));
  co_return json(*view);
}

control_api::answer control_api::logs(http::request request) {
  const auto task = parse_task_id(request.parameter("id"));
  if (!task) co_return http::problem(task.error());
  const auto state = co_await orchestrator_.load(*task);
  if (!state) co_return http::problem(state.error());
  auto read = [files = orchestrator_.files(), children = state->children, task = *task]() mutable {
    boost::json::array logs;
    for (const auto& [name, life] : lives_to_show(files, task, children)) {
      const auto paths = files.of_incarnation(task, name, life);
      boost::json::object log{{"child", name}, {"epoch", life.value()}};
      add_tail(log, "output", files.read_tail(paths.output, log_tail_bytes_most), paths.output);
      add_tail(log, "errors", files.read_tail(paths.errors, log_tail_bytes_most), paths.errors);
      logs.push_back(std::move(log));
    }
    return logs;
  };
  auto logs = co_await environment::run_on(seams_.worker, std::move(read));
  co_return json(boost::json::object{{"task", nine::to_string(*task)},
                                     {"ended", state->ended.has_value()},
                                     {"logs", std::move(logs)}});
}

control_api::answer control_api::tree(http::request) {
  auto look = [this, children = orchestrator_.children()] {
    std::map<task_id, boost::json::array> below;
    for (const auto& child : children)
      below[execution::task_of_child(child.name)].push_back(child_json(child, seams_));
    return below;
  };
  auto below = co_await environment::run_on(seams_.worker, std::move(look));
  boost::json::array tasks;
  for (const auto task : orchestrator_.live_tasks()) {
    const auto* state = orchestrator_.find_live(task);
    tasks.push_back({{"task", nine::to_string(task)},
                     {"status", execution::phase_name(*state)},
                     {"attempts", state->attempts.size()},
                     {"text", state->specification.text.substr(0, 200)},
                     {"children", std::move(below[task])}});
  }
  co_return json(boost::json::object{{"strategy", "one_for_one"}, {"tasks", std::move(tasks)}});
}

control_api::answer control_api::status(http::request) {
  auto known = home_.own_processes();
  for (const auto& child : orchestrator_.children())
    std::ranges::move(processes_of(child), std::back_inserter(known));
  auto look = [this, known = std::move(known)] {
    boost::json::array shown;
    for (const auto& process : known)
      shown.push_back(process_json(process, seams_.inspect(process.process)));
    return std::pair(home_.check_configuration(), std::move(shown));
  };
  auto seen = co_await environment::run_on(seams_.worker, std::move(look));
  const auto& places = orchestrator_.admission();
  co_return json(boost::json::object{{"state", "running"},
                                     {"tasks",
                                      {{"live", orchestrator_.live_tasks().size()},
                                       {"working", places.working()},
                                       {"waiting", places.waiting()},
                                       {"limit", places.limit()}}},
                                     {"journal", journal_json(journal_.status())},
                                     {"configuration", std::move(seen.first)},
                                     {"processes", std::move(seen.second)}});
}

control_api::answer control_api::down(http::request request) {
  const auto reason = reason_in(request, "stopped by the user");
  if (!reason) co_return http::problem(reason.error());
  auto mark = [this, why = *reason] { return home_.mark_stopped(why); };
  const auto marked = co_await environment::run_on(seams_.worker, std::move(mark));
  if (!marked) co_return http::problem(marked.error());
  co_await orchestrator_.interrupt_all(*reason);
  stopped_ = true;
  stopped_event_.notify_all();
  co_return json(boost::json::object{{"state", "stopped"},
                                     {"unfinished_tasks", orchestrator_.live_tasks().size()}});
}

control_api::answer control_api::events(http::request request) {
  const auto last_seen = request.fields.find("last-event-id");
  const auto after =
      last_seen ? number_of("Last-Event-ID", last_seen, 0)
                : number_of("after", request.where.find("after"), journal_.last_durable().value());
  if (!after) co_return http::problem(after.error());
  task_id only;
  if (const auto task = request.where.find("task")) {
    const auto parsed = parse_task_id(*task);
    if (!parsed) co_return http::problem(parsed.error());
    only = *parsed;
  }
  const bool stay = !request.where.find("until_now");
  co_return http::event_stream_response(
      [this, after = sequence(*after), only, stay](http::body_writer& writer) {
        return follow(writer, after, only, stay);
      });
}

asio::awaitable<result<void>> control_api::follow(http::body_writer& writer, sequence after,
                                                  task_id only, bool stay) {
  using namespace asio::experimental::awaitable_operators;
  constexpr std::size_t page = 256;
  constexpr duration silence_most = 15s;
  const auto now = journal_.last_durable();
  while (stay || after < now) {
    const auto durable = journal_.last_durable();
    NINE_CO_TRY_ASSIGN(const auto facts, co_await journal_.read_after(after, page));
    std::string text;
    for (const auto& fact : facts) {
      after = fact.number;
      if (!only || fact.task == only) text += http::format_event(event_of(fact));
    }
    if (!text.empty()) NINE_CO_TRY(co_await writer.write(text));
    if (facts.size() == page) continue;
    after = std::max(after, durable);  // the newest may have expired
    if (!stay) continue;
    const auto woken =
        co_await (journal_.wait_beyond(after) || seams_.clock.sleep_for(silence_most));
    if (woken.index() == 1) {
      NINE_CO_TRY(co_await writer.write(http::format_comment("alive")));
    } else {
      NINE_CO_TRY(std::get<0>(woken));
    }
  }
  co_return result<void>();
}

}  // namespace nine::control
