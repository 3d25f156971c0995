#include "ninelives/orchestration/orchestrator.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "ninelives/base/assert.hpp"
#include "ninelives/orchestration/task_run.hpp"

namespace nine::orchestration {

namespace asio = boost::asio;

orchestrator::orchestrator(asio::any_io_executor executor, environment::bundle environment,
                           environment::worker& worker, journal::journal& journal,
                           journal::blob_store& blobs, token_maker make_token,
                           orchestrator_options options)
    : executor_(executor),
      environment_(environment),
      worker_(worker),
      journal_(journal),
      blobs_(blobs),
      make_token_(std::move(make_token)),
      options_(std::move(options)),
      files_(environment.files, options_.tasks),
      admission_(options_.limits.concurrent_agents),
      supervisor_(executor, environment, worker, *this, options_.children) {}

std::vector<task_id> orchestrator::live_tasks() const {
  std::vector<task_id> tasks;
  for (const auto& [task, run] : runs_)
    tasks.push_back(task);
  return tasks;
}

const execution::task_state* orchestrator::find_live(task_id task) const {
  const auto run = find(task);
  return run ? &run->state : nullptr;
}

orchestrator::run_pointer orchestrator::find(task_id task) const {
  const auto found = runs_.find(task);
  return found == runs_.end() ? nullptr : found->second;
}

orchestrator::run_pointer orchestrator::run_of_child(const std::string& child) const {
  return find(execution::task_of_child(child));
}

asio::awaitable<result<task_id>> orchestrator::accept(submission submission) {
  if (runs_.size() >= options_.limits.queued_tasks) {
    co_return fail(
        error_code::resource_exhausted,
        fmt::format("{} tasks are unfinished, the limit of this home; wait for some to end",
                    runs_.size()));
  }
  const auto task = last_task_ = last_task_.next();
  NINE_CO_TRY_ASSIGN(submission.specification.input, co_await keep(std::move(submission.input)));
  auto create = [this, task, caller = std::move(submission.caller)] {
    return files_.create(task, caller);
  };
  auto created = co_await environment::run_on(worker_, std::move(create));
  if (!created) co_return with_context("keep the task's environment", created.error());

  const execution::event accepted = execution::task_accepted{submission.specification};
  auto entry = execution::to_record(task, accepted);
  entry.unique_key = submission.key;
  const auto written = co_await journal_.append(std::move(entry));
  if (!written) {
    static_cast<void>(
        files_.remove(task));  // at worst a directory without a task stays; boot removes it
    co_return std::unexpected(written.error());
  }
  auto run = std::make_shared<task_run>();
  run->state.id = task;
  const auto applied = execution::apply(run->state, accepted, {}, environment_.clock.wall_now());
  NINE_ASSERT(applied);
  runs_.emplace(task, run);
  asio::co_spawn(executor_, drive(run), asio::detached);
  co_return task;
}

asio::awaitable<result<void>> orchestrator::cancel(task_id task, std::string reason) {
  const auto run = find(task);
  if (!run) {
    const auto ended = co_await load(task);
    if (!ended) co_return std::unexpected(ended.error());
    co_return fail(error_code::precondition_failed,
                   fmt::format("task {} has ended already: {}", to_string(task),
                               execution::to_string(ended->ended->status)));
  }
  execution::event wish = execution::cancel_requested{std::move(reason)};
  co_return co_await record_and_flush(run, std::move(wish), {});
}

asio::awaitable<result<step_answer>> orchestrator::begin_step(task_id task,
                                                              execution::step_request request,
                                                              std::string input_digest) {
  const auto run = find(task);
  if (!run) co_return fail(error_code::fenced, "the task has ended; this incarnation must stop");
  step_answer answer;
  NINE_CO_TRY_ASSIGN(answer.verdict, execution::begin_step(run->state, request));
  const auto attempt = run->state.current_attempt()->number;
  execution::event fact;
  switch (answer.verdict) {
    case execution::step_verdict::finished: {
      const auto step = run->state.current_attempt()->steps.find(request.key)->second;
      NINE_CO_TRY(record(*run, execution::step_replayed{attempt, request.key}, request.writer,
                         journal::durability::lazy));
      answer.succeeded = step.succeeded;
      NINE_CO_TRY_ASSIGN(answer.result, co_await read(step.result));
      co_return answer;
    }
    case execution::step_verdict::uncertain:
      fact = execution::step_uncertain{attempt, request.key};
      break;
    default:
      fact = execution::step_intended{attempt, request.key, request.kind, std::move(input_digest)};
  }
  NINE_CO_TRY(co_await record_and_flush(run, std::move(fact), request.writer));
  if (run->state.current != request.writer) {
    co_return fail(error_code::fenced, "this incarnation was replaced meanwhile and must stop");
  }
  co_return answer;
}

asio::awaitable<result<void>> orchestrator::finish_step(task_id task, step_report report) {
  auto run = find(task);
  if (!run) co_return fail(error_code::fenced, "the task has ended; this incarnation must stop");
  NINE_CO_TRY(execution::check_finish_step(run->state, report.writer, report.key));
  NINE_CO_TRY_ASSIGN(auto kept, co_await keep(std::move(report.result)));
  NINE_CO_TRY(execution::check_finish_step(run->state, report.writer, report.key));
  const auto* attempt = run->state.current_attempt();
  execution::event fact =
      execution::step_finished{attempt->number, report.key,          report.succeeded,
                               std::move(kept), report.input_tokens, report.output_tokens};
  const auto child = execution::attempt_child(task, attempt->number);
  NINE_CO_TRY(co_await record_and_flush(run, std::move(fact), report.writer));
  supervisor_.made_progress(child);
  co_return result<void>();
}

asio::awaitable<result<execution::task_state>> orchestrator::load(task_id task) {
  if (const auto run = find(task)) {
    // Nobody is told of an end that a crash could still undo.
    if (run->state.ended) NINE_CO_TRY(co_await journal_.flush());
    co_return run->state;
  }
  NINE_CO_TRY_ASSIGN(const auto facts, co_await journal_.read_task(task));
  if (facts.empty()) {
    co_return fail(error_code::not_found,
                   fmt::format("there is no task {}; 'nine task list' shows all", to_string(task)));
  }
  co_return execution::fold(facts);
}

asio::awaitable<result<std::string>> orchestrator::read(execution::content content) {
  if (content.blob.empty()) co_return std::move(content.text);
  auto get = [this, blob = content.blob] { return blobs_.get(blob); };
  co_return co_await environment::run_on(worker_, std::move(get));
}

asio::awaitable<result<execution::content>> orchestrator::keep(std::string text) {
  if (text.size() <= execution::content::inline_bytes_most)
    co_return execution::content{std::move(text), {}};
  auto put = [this, text = std::move(text)] { return blobs_.put(text); };
  NINE_CO_TRY_ASSIGN(auto digest, co_await environment::run_on(worker_, std::move(put)));
  co_return execution::content{{}, std::move(digest)};
}

result<void> orchestrator::record(task_run& run, const execution::event& event, epoch writer,
                                  journal::durability how) {
  auto entry = execution::to_record(run.state.id, event);
  entry.writer = writer;
  auto queued = journal_.enqueue(std::move(entry), how);
  if (!queued) {
    if (queued.error().code == error_code::fenced) give_up(queued.error());
    return queued;
  }
  auto applied = execution::apply(run.state, event, writer, environment_.clock.wall_now());
  NINE_ASSERT(applied);
  run.changed.notify_all();
  return {};
}

/// For what the core itself has seen: it cannot be refused, only the whole core can be fenced. A
/// queue too full for the few facts the core makes means that the journal is beyond help; the
/// restart reads it afresh.
void orchestrator::note(task_run& run, const execution::event& event, journal::durability how) {
  const auto recorded = record(run, event, {}, how);
  NINE_ASSERT(recorded || recorded.error().code == error_code::fenced);
}

orchestrator::async<result<void>> orchestrator::record_and_flush(run_pointer run,
                                                                 execution::event event,
                                                                 epoch writer) {
  NINE_CO_TRY(record(*run, event, writer));
  auto flushed = co_await journal_.flush();
  if (!flushed && flushed.error().code == error_code::fenced) give_up(flushed.error());
  co_return flushed;
}

void orchestrator::give_up(const error& problem) {
  if (!fenced_reason_.empty()) return;
  fenced_reason_ = problem.message.empty() ? "a newer core owns this home" : problem.message;
  fenced_event_.notify_all();
}

void orchestrator::fenced(const std::string& reason) {
  give_up({error_code::fenced, reason});
}

std::optional<std::string> orchestrator::missing_reason(
    const execution::task_specification& specification, const configuration::agent& agent,
    const std::string& capability) const {
  if (capability != "model") return {};
  const auto& models = specification.plan.models;
  const auto found = models.find(agent.model);
  if (found != models.end() && !found->second.base_url.empty()) return {};
  return "no model is configured: set OPENAI_BASE_URL and OPENAI_API_KEY, or describe one in "
         "nine.yaml";
}

// What the supervisor tells and asks

result<supervision::shim::start> orchestrator::incarnation_starting(const std::string& child) {
  const auto run = run_of_child(child);
  if (!run || run->state.ended) return fail(error_code::cancelled, "its task has ended");
  if (run->state.cancelled) return fail(error_code::cancelled, "its task was cancelled");
  NINE_TRY_ASSIGN(const launch* prepared, [&]() -> result<const launch*> {
    auto found = run->launches.find(child);
    if (found != run->launches.end()) return &found->second;
    NINE_TRY_ASSIGN(auto rebuilt, rebuild_launch(*run, child));
    return &run->launches.emplace(child, std::move(rebuilt)).first->second;
  }());
  const auto incarnation = run->state.current.next();
  NINE_TRY(record(*run, execution::incarnation_started{child, incarnation}));
  run->launching.clear();
  const auto* attempt = run->state.current_attempt();
  const auto number = attempt ? attempt->number : attempt_number();
  const variables own{
      {"NINE_SOCKET", options_.agent_socket.string()},
      {"NINE_TOKEN", make_token_(run->state.id, number, incarnation)},
      {"NINE_TASK", to_string(run->state.id)},
      {"NINE_ATTEMPT", std::to_string(number.value())},
      {"NINE_EPOCH", std::to_string(incarnation.value())},
  };
  return start_message(*prepared, incarnation,
                       files_.of_incarnation(run->state.id, child, incarnation), own);
}

void orchestrator::incarnation_started(const std::string& child, epoch incarnation,
                                       const environment::process_identity& agent) {
  const auto run = run_of_child(child);
  if (!run || run->state.ended) return;
  // Lazy: the shim itself tells the next core which process it holds.
  note(*run, execution::incarnation_running{child, incarnation, agent}, journal::durability::lazy);
}

void orchestrator::incarnation_ended(const std::string& child,
                                     const supervision::incarnation_ending& ending,
                                     const supervision::restart_decision& decision) {
  const auto run = run_of_child(child);
  const auto known = run ? run->state.children.find(child)
                         : std::map<std::string, execution::child_state>::iterator();
  const bool news = run && !run->state.ended && known != run->state.children.end() &&
                    known->second.last == ending.incarnation && known->second.live;
  if (news) {
    using kind = supervision::incarnation_ending::kind;
    execution::incarnation_ended fact;
    fact.child = child;
    fact.incarnation = ending.incarnation;
    fact.exit = ending.exit;
    fact.asked = ending.stop_was_asked;
    fact.will_restart = decision.will_restart;
    fact.interrupted = interrupting_ && ending.stop_was_asked && !run->state.cancelled;
    // An exit code speaks for itself; a crash is told with what was decided about it.
    const bool crashed = ending.exit.how != environment::exit_status::kind::exited;
    if (ending.how != kind::exited) {
      fact.reason = ending.message;
    } else if (crashed && !decision.will_restart) {
      fact.reason = decision.reason;
    }
    note(*run, fact);
  }
  to_acknowledge_.emplace_back(child, ending.incarnation);
  endings_recorded_.notify_all();
}

void orchestrator::child_finished(const std::string& child,
                                  const supervision::child_outcome& outcome) {
  const auto run = run_of_child(child);
  if (!run || run->state.ended) return;
  run->launching.clear();
  run->stopping.clear();
  run->launches.erase(child);
  const auto known = run->state.children.find(child);
  const bool never_started = known == run->state.children.end() || known->second.interrupted;
  if (never_started) {
    launch_failed(*run, child, outcome.reason);
  } else if (known->second.live) {
    execution::incarnation_ended fact;
    fact.child = child;
    fact.incarnation = known->second.last;
    fact.exit = outcome.exit;
    fact.interrupted = interrupting_ && !run->state.cancelled;
    fact.reason = outcome.reason;
    note(*run, fact);
  }
  run->changed.notify_all();
}

/// Tells the shims that an ending is on record, once it is: many endings share one sync.
orchestrator::async<> orchestrator::acknowledge_endings() {
  while (fenced_reason_.empty()) {
    if (to_acknowledge_.empty()) {
      co_await endings_recorded_.wait();
      continue;
    }
    const auto batch = std::exchange(to_acknowledge_, {});
    const auto flushed = co_await journal_.flush();
    if (!flushed) {
      if (flushed.error().code == error_code::fenced) co_return give_up(flushed.error());
      to_acknowledge_.insert(to_acknowledge_.end(), batch.begin(), batch.end());
      co_await environment_.clock.sleep_for(100ms);
      continue;
    }
    for (const auto& [child, incarnation] : batch)
      supervisor_.acknowledge(child, incarnation);
  }
}

asio::awaitable<void> orchestrator::interrupt_all(std::string reason) {
  interrupting_ = true;
  for (const auto& child : supervisor_.children())
    static_cast<void>(supervisor_.stop(child.name, reason));
  while (!supervisor_.children().empty())
    co_await environment_.clock.sleep_for(10ms);
  const auto flushed = co_await journal_.flush();
  if (!flushed) give_up(flushed.error());
}

}  // namespace nine::orchestration
