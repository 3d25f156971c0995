#include "ninelives/orchestration/orchestrator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/base/assert.hpp"
#include "ninelives/orchestration/fact_log.hpp"
#include "ninelives/orchestration/kinds_of_error.hpp"
#include "ninelives/orchestration/next_action.hpp"

namespace nine::orchestration {

namespace asio = boost::asio;

namespace {

constexpr duration record_patience = 5s;  ///< of a home that stops, with its journal

}  // namespace

orchestrator::orchestrator(asio::any_io_executor executor, environment::bundle environment,
                           environment::worker& worker, journal::journal& journal,
                           journal::blob_store& blobs, token_maker make_token,
                           orchestrator_options options)
    : executor_(executor),
      environment_(environment),
      worker_(worker),
      journal_(journal),
      make_token_(std::move(make_token)),
      options_(std::move(options)),
      files_(environment.files, options_.tasks,
             {environment.files, options_.children.core_epoch_file, options_.children.core},
             options_.seal),
      contents_(worker, blobs),
      secrets_(files_, worker),
      ledger_(environment.clock, journal, options_.log),
      admission_(options_.limits.concurrent_agents),
      supervisor_(executor, environment, worker, *this, options_.children),
      launcher_(options_.program, options_.supervision, files_, contents_, worker),
      conclusion_(ledger_, contents_, secrets_, files_, options_.limits, worker, environment.clock),
      driver_(ledger_, admission_, launcher_, conclusion_, supervisor_, available_,
              environment.clock, environment.random),
      steps_(ledger_, contents_, secrets_,
             [this](const std::string& child) { supervisor_.made_progress(child); }) {}

std::vector<task_id> orchestrator::live_tasks() const {
  std::vector<task_id> tasks;
  for (const auto& [task, run] : ledger_.live())
    tasks.push_back(task);
  return tasks;
}

const execution::task_state* orchestrator::find_live(task_id task) const {
  const auto run = ledger_.find(task);
  return run ? &run->state : nullptr;
}

void orchestrator::begin_driving(const run_pointer& run) {
  asio::co_spawn(executor_, driver_.drive(run), asio::detached);
}

asio::awaitable<result<task_id>> orchestrator::accept(submission submission) {
  if (!driver_.begins())
    co_return fail(error_code::unavailable, "this core is about to end and takes no more tasks");
  const auto unfinished = ledger_.live().size();
  if (unfinished >= options_.limits.queued_tasks) {
    co_return fail(
        error_code::resource_exhausted,
        fmt::format("{} tasks are unfinished, the limit of this home; wait for some to end",
                    unfinished));
  }
  const auto task = last_task_ = last_task_.next();
  NINE_CO_TRY_ASSIGN(submission.specification.input,
                     co_await contents_.keep(std::move(submission.input)));
  auto create = [this, task, caller = std::move(submission.caller)] {
    return files_.create(task, caller);
  };
  auto created = co_await environment::run_on(worker_, std::move(create));
  if (!created) {
    static_cast<void>(files_.remove(task));
    co_return with_context("keep the task's environment", created.error());
  }

  const execution::event accepted = execution::task_accepted{submission.specification};
  auto entry = execution::to_record(task, accepted);
  entry.unique_key = submission.key;
  entry.at = environment_.clock.wall_now();  // the state must say what the journal will
  const auto accepted_at = entry.at;
  const auto written = co_await journal_.append(std::move(entry));
  if (!written) {
    // A store that failed may hold the task all the same, and the next core finds it. At worst a
    // directory without a task stays, which that core's housekeeping removes.
    if (is_refused_record(written.error())) static_cast<void>(files_.remove(task));
    co_return std::unexpected(written.error());
  }
  execution::task_state state;
  state.id = task;
  const auto applied = execution::apply(state, accepted, {}, accepted_at);
  NINE_ASSERT(applied);
  log_fact(options_.log, state, accepted);
  const auto run = ledger_.add(std::move(state));
  run->outputs_are_ours = true;  // its directory is new
  begin_driving(run);
  co_return task;
}

asio::awaitable<result<void>> orchestrator::cancel(task_id task, std::string reason) {
  auto run = ledger_.find(task);
  if (!run || run->state.ended) {  // its end may be on its way to the disk
    const auto known = co_await load(task);
    if (!known) co_return std::unexpected(known.error());
    if (known->ended) {
      co_return fail(error_code::precondition_failed,
                     fmt::format("task {} has ended already: {}", to_string(task),
                                 execution::to_string(known->ended->status)));
    }
    // Its acceptance was in the journal's queue, and is live now that it could be read.
    run = ledger_.find(task);
    if (!run) co_return fail(error_code::unavailable, to_string(task) + " is just being accepted");
  }
  execution::event wish = execution::cancel_requested{std::move(reason)};
  co_return co_await ledger_.record_and_flush(run, std::move(wish), {});
}

asio::awaitable<void> orchestrator::wait_for_end(task_id task, duration patience) {
  using namespace asio::experimental::awaitable_operators;
  const auto run = ledger_.find(task);
  const auto deadline = environment_.clock.now() + patience;
  while (run && !run->state.ended && environment_.clock.now() < deadline)
    co_await (run->changed.wait() || environment_.clock.sleep_until(deadline));
}

asio::awaitable<result<execution::task_state>> orchestrator::load(task_id task) {
  if (const auto run = ledger_.find(task)) {
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

// What the supervisor tells and asks

void orchestrator::fenced(const std::string& reason) {
  ledger_.give_up({error_code::fenced, reason});
}

result<supervision::shim::start> orchestrator::incarnation_starting(const std::string& child) {
  const auto run = ledger_.find_by_child(child);
  if (!run || run->state.ended) return fail(error_code::cancelled, "its task has ended");
  if (run->state.cancelled) return fail(error_code::cancelled, "its task was cancelled");
  NINE_TRY_ASSIGN(const launch* prepared, launch_of(*run, child));
  const auto incarnation = run->state.current.next();
  const auto files = files_.of_incarnation(run->state.id, child, incarnation);
  if (!run->outputs_are_ours)
    NINE_TRY(files_.clear_outputs_above(run->state.id, run->state.current));
  run->outputs_are_ours = true;
  NINE_TRY(ledger_.record(*run, execution::incarnation_started{child, incarnation}));
  run->expected.clear();
  return start_message(*prepared, incarnation, files, own_variables(*run, incarnation));
}

result<const launch*> orchestrator::launch_of(task_run& run, const std::string& child) {
  const auto found = run.launches.find(child);
  if (found != run.launches.end()) return &found->second;
  NINE_TRY_ASSIGN(auto rebuilt, launcher_.rebuild(run, child));
  return &run.launches.emplace(child, std::move(rebuilt)).first->second;
}

/// By what a child knows who it is, and how to reach the agent API.
variables orchestrator::own_variables(const task_run& run, epoch incarnation) const {
  const auto* attempt = run.state.current_attempt();
  const auto number = attempt ? attempt->number : attempt_number();
  return {
      {"NINE_SOCKET", options_.agent_socket.string()},
      {"NINE_TOKEN", make_token_(run.state.id, number, incarnation)},
      {"NINE_TASK", to_string(run.state.id)},
      {"NINE_ATTEMPT", std::to_string(number.value())},
      {"NINE_EPOCH", std::to_string(incarnation.value())},
  };
}

/// Of a life that an earlier core started, and died before the fact was durable.
void orchestrator::learn_of(task_run& run, const std::string& child, epoch incarnation) {
  if (incarnation <= run.state.current) return;
  ledger_.note(run, execution::incarnation_started{child, incarnation});
  if (run.expected == child) run.expected.clear();
}

void orchestrator::incarnation_started(const std::string& child, epoch incarnation,
                                       const environment::process_identity& agent) {
  const auto run = ledger_.find_by_child(child);
  if (!run || run->state.ended) return;
  learn_of(*run, child, incarnation);
  if (!run->launches.contains(child)) {
    unprepared_.push_back(child);
    unprepared_added_.notify_all();
  }
  const execution::incarnation_running fact{child, incarnation, agent};
  const auto known = run->state.children.find(child);
  if (known != run->state.children.end() && known->second.last == incarnation &&
      known->second.process == agent) {
    // Found again by a core that took over: for the task nothing has happened.
    const auto about = describe(run->state, fact).about;
    return options_.log.with(about).info("agent_taken_over",
                                         fmt::format("{} runs on as process {}", child, agent.pid));
  }
  // Lazy: the shim itself tells the next core which process it holds.
  ledger_.note(*run, fact, journal::durability::lazy);
}

void orchestrator::memory_not_limited(const std::string& child, const std::string& why) {
  options_.log.warning("memory_not_limited",
                       fmt::format("{} runs without its memory limit: {}", child, why));
}

void orchestrator::incarnation_ended(const std::string& child,
                                     const supervision::incarnation_ending& ending,
                                     const supervision::restart_decision& decision) {
  const auto run = ledger_.find_by_child(child);
  if (run && !run->state.ended) {
    learn_of(*run, child, ending.incarnation);
    // Of a crash it is not restarted while the home stops; else it would be.
    note_ending(*run, child, ending, decision, driver_.interrupting());
  }
  auto& told = decision.will_restart ? restarted_endings_ : last_endings_;
  told.add(child, ending.incarnation);
}

void orchestrator::note_ending(task_run& run, const std::string& child,
                               const supervision::incarnation_ending& ending,
                               const supervision::restart_decision& decision,
                               bool crash_interrupts) {
  using kind = supervision::incarnation_ending::kind;
  const auto known = run.state.children.find(child);
  const bool news = known != run.state.children.end() && known->second.last == ending.incarnation &&
                    known->second.live;
  if (!news) return;
  const bool crashed = ending.exit.how != environment::exit_status::kind::exited;
  const bool cut_off = crash_interrupts && crashed && !supervision::can_never_run(ending);
  const bool asked = ending.stop_was_asked || cut_off;
  execution::incarnation_ended fact;
  fact.child = child;
  fact.incarnation = ending.incarnation;
  fact.exit = ending.exit;
  fact.asked = ending.stop_was_asked;
  fact.stdout_bytes_lost = ending.stdout_bytes_lost;
  fact.will_restart = decision.will_restart;
  const bool not_begun = ending.how == kind::start_failed && !decision.will_restart &&
                         !supervision::can_never_run(ending);
  fact.interrupted =
      not_begun || is_interruption(run.state, child, asked, environment_.clock.wall_now());
  // An exit code speaks for itself; a crash is told with what was decided about it.
  if (ending.how != kind::exited) {
    fact.reason = ending.message;
    fact.cannot_run = supervision::can_never_run(ending);
  } else if (crashed && !decision.will_restart) {
    fact.reason = decision.reason;
  }
  if (decision.will_restart && !decision.reason.empty()) {
    if (!fact.reason.empty()) fact.reason += "; ";
    fact.reason += decision.reason;
  }
  ledger_.note(run, fact);
}

void orchestrator::child_finished(const std::string& child,
                                  const supervision::child_outcome& outcome) {
  // Its last ending may be one after which it was to be restarted; its shim waits for this now.
  last_endings_.take_from(restarted_endings_, child);
  const auto run = ledger_.find_by_child(child);
  if (!run || run->state.ended) return;
  run->expected.clear();
  run->stopping.clear();
  run->launches.erase(child);
  const auto known = run->state.children.find(child);
  const bool interrupted = known != run->state.children.end() && known->second.interrupted;
  const bool never_started = known == run->state.children.end() || interrupted;
  // Launched again once its name is free; after an earlier core stopped it with the home, at once.
  if (never_started) run->leaving.insert(child);
  using kind = supervision::child_outcome::kind;
  const bool was_stopped = outcome.how == kind::stopped;
  if (never_started && !(interrupted && was_stopped)) {
    driver_.launch_failed(*run, child, {error_code::unavailable, outcome.reason});
  } else if (known->second.live) {
    execution::incarnation_ended fact;
    fact.child = child;
    fact.incarnation = known->second.last;
    fact.exit = outcome.exit;
    // It was to be restarted, and could not be: the last word is the machine's, not the child's.
    const bool hindered =
        outcome.how == kind::crashed_too_often || outcome.how == kind::start_failed;
    fact.interrupted = (driver_.interrupting() || hindered) && !run->state.cancelled;
    fact.reason = outcome.reason;
    ledger_.note(*run, fact);
    if (hindered) {
      run->leaving.insert(child);
      driver_.launch_failed(*run, child, {error_code::unavailable, outcome.reason});
    }
  }
  run->changed.notify_all();
}

void orchestrator::child_gone(const std::string& child) {
  const auto run = ledger_.find_by_child(child);
  if (!run) return;
  run->leaving.erase(child);
  run->changed.notify_all();
}

void orchestrator::endings::add(const std::string& child, epoch incarnation) {
  to_acknowledge.emplace_back(child, incarnation);
  recorded.notify_all();
}

void orchestrator::endings::take_from(endings& others, const std::string& child) {
  for (const auto& [name, incarnation] : others.to_acknowledge) {
    if (name == child) add(name, incarnation);
  }
  std::erase_if(others.to_acknowledge, [&](const auto& told) { return told.first == child; });
}

/// Tells the shims that an ending is on record, once it is; many endings share one sync.
orchestrator::async<> orchestrator::acknowledge(endings& told) {
  while (fenced_reason().empty()) {
    if (told.to_acknowledge.empty()) {
      co_await told.recorded.wait();
      co_await environment_.clock.sleep_for(told.pause);
      continue;
    }
    const auto batch = std::exchange(told.to_acknowledge, {});
    const auto flushed = co_await ledger_.flush();
    if (!flushed) {
      told.to_acknowledge.insert(told.to_acknowledge.end(), batch.begin(), batch.end());
      co_await environment_.clock.sleep_for(100ms);
      continue;
    }
    for (const auto& [child, incarnation] : batch)
      supervisor_.acknowledge(child, incarnation);
  }
}

asio::awaitable<void> orchestrator::interrupt_all(std::string reason) {
  using namespace asio::experimental::awaitable_operators;
  driver_.interrupt();
  for (const auto& child : supervisor_.children())
    static_cast<void>(supervisor_.stop(child.name, reason));
  std::optional<monotonic_time> unrecorded_after;
  while (!supervisor_.children().empty()) {
    co_await environment_.clock.sleep_for(10ms);
    const auto now = environment_.clock.now();
    if (!unrecorded_after && all_have_finished()) unrecorded_after = now + record_patience;
    if (!unrecorded_after || now < *unrecorded_after) continue;
    // Their shims wait until their endings are on record; a journal that fails would keep them.
    for (const auto& child : supervisor_.children())
      supervisor_.acknowledge(child.name, child.incarnation);
  }
  if (unrecorded_after && environment_.clock.now() >= *unrecorded_after) co_return;
  const auto first = co_await (ledger_.flush() || environment_.clock.sleep_for(record_patience));
  if (first.index() == 0 && std::get<0>(first)) co_await supervisor_.clear_away_dead();
}

bool orchestrator::all_have_finished() const {
  return std::ranges::all_of(supervisor_.children(), [](const supervision::child_view& child) {
    return child.now == supervision::child_view::state::finished;
  });
}

}  // namespace nine::orchestration
