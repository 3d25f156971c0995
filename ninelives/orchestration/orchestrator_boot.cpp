// How a new core takes over: the live tasks from the journal, their agents from the shims.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <set>

#include "ninelives/orchestration/next_action.hpp"
#include "ninelives/orchestration/orchestrator.hpp"

namespace nine::orchestration {

namespace asio = boost::asio;

asio::awaitable<result<void>> orchestrator::boot() {
  NINE_CO_TRY(co_await read_live_tasks());
  NINE_CO_TRY(co_await take_over_children());
  mark_vanished_children();
  doubt_results_of_earlier_boots();
  asio::co_spawn(executor_, acknowledge(last_endings_), asio::detached);
  asio::co_spawn(executor_, acknowledge(restarted_endings_), asio::detached);
  asio::co_spawn(executor_, forget_dead_children(), asio::detached);
  asio::co_spawn(executor_, prepare_next_lives(), asio::detached);
  for (const auto& [task, run] : ledger_.live()) {
    if (run->state.live_child() || !run->expected.empty()) admission_.grant(task);
  }
  for (const auto& [task, run] : ledger_.live())
    begin_driving(run);
  co_return result<void>();
}

orchestrator::async<result<void>> orchestrator::read_live_tasks() {
  constexpr std::size_t page = 100;  // bounds what is in memory of tasks with long histories
  for (;;) {
    NINE_CO_TRY_ASSIGN(const auto summaries, co_await journal_.tasks(last_task_, page));
    std::vector<task_id> live;
    for (const auto& summary : summaries) {
      last_task_ = summary.task;
      if (!summary.ended) live.push_back(summary.task);
    }
    auto reading = journal_.read_tasks(live);
    NINE_CO_TRY_ASSIGN(const auto histories, co_await std::move(reading));
    for (std::size_t place = 0; place < live.size(); ++place) {
      const auto& facts = histories[place];
      auto state = facts ? execution::fold(*facts) : std::unexpected(facts.error());
      // One task that cannot be read is no reason to let the others down; asked for, it says so.
      if (!state && state.error().code == error_code::corrupted) continue;
      if (!state) co_return with_context("task " + to_string(live[place]), state.error());
      ledger_.add(*std::move(state));
    }
    if (summaries.size() < page) co_return result<void>();
  }
}

orchestrator::async<result<void>> orchestrator::take_over_children() {
  NINE_CO_TRY_ASSIGN(const auto children, co_await supervisor_.take_over());
  for (const auto& found : children)
    NINE_CO_TRY(co_await take_over_child(found));
  co_return result<void>();
}

orchestrator::async<result<void>> orchestrator::take_over_child(
    const supervision::taken_over& found) {
  using state = supervision::taken_over::state;
  const auto run = ledger_.find_by_child(found.name);
  const auto wanted =
      run ? wanted_child(run->state, available_, environment_.clock.wall_now()) : std::string();
  if (wanted != found.name) {
    if (found.found == state::lost) co_return result<void>();
    if (run) run->leaving.insert(found.name);
    static_cast<void>(supervisor_.discard(found.name, "its task does not need it any more"));
    co_return result<void>();
  }
  // Restarts are not waited for by a sync: the shim may know incarnations the journal never heard
  // of.
  if (found.incarnation > run->state.current) {
    NINE_CO_TRY(
        ledger_.record(*run, execution::incarnation_started{found.name, found.incarnation}));
  }
  if (found.found == state::lost) {
    // Agent and shim ended while no core was there, in this order, and the shim had written down
    // how: what the agent did is not done again. Of a crash it would have been restarted.
    if (!found.endings.empty()) note_ending(*run, found.name, found.endings.back(), {}, true);
    co_return result<void>();  // mark_vanished_children() sees to what is without an ending
  }
  // Whether it runs, the facts do not tell: the driver waits until it is heard.
  if (!run->state.live_child()) run->expected = found.name;
  if (driver_.interrupting())  // before it is adopted, so that not even an idle one is started
    static_cast<void>(supervisor_.stop(found.name, "the home is stopped"));
  auto adopted = supervisor_.adopt(launcher_.request_of(*run, found.name));
  if (!adopted) co_return with_context("take over " + found.name, adopted.error());
  co_return result<void>();
}

/// What their shims had written down is on record then, and no other core needs to find it.
orchestrator::async<> orchestrator::forget_dead_children() {
  const auto flushed = co_await ledger_.flush();
  if (flushed) co_await supervisor_.clear_away_dead();
}

/// What a start needs was in the memory of the core before. It is read again while nobody waits,
/// little by little: should many agents die at once, their restarts would wait for the disk.
orchestrator::async<> orchestrator::prepare_next_lives() {
  constexpr duration after_take_over = 1s;
  constexpr duration between = 1ms;
  while (fenced_reason().empty()) {
    if (unprepared_.empty()) {
      co_await unprepared_added_.wait();
      co_await environment_.clock.sleep_for(after_take_over);
      continue;
    }
    const auto child = std::move(unprepared_.back());
    unprepared_.pop_back();
    prepare_next_life(child);
    co_await environment_.clock.sleep_for(between);
  }
}

/// What fails here is tried again, and told, when the life begins.
void orchestrator::prepare_next_life(const std::string& child) {
  const auto run = ledger_.find_by_child(child);
  const auto* living = run ? run->state.live_child() : nullptr;
  if (!living || *living != child) return;
  if (!run->outputs_are_ours && files_.clear_outputs_above(run->state.id, run->state.current))
    run->outputs_are_ours = true;
  std::ignore = launch_of(*run, child);
}

/// A child that should live and has no shim: the machine was rebooted, or all was killed. No
/// verdict on it.
void orchestrator::mark_vanished_children() {
  std::set<std::string> present;
  for (const auto& child : supervisor_.children())
    present.insert(child.name);
  for (const auto& [task, run] : ledger_.live()) {
    const auto* child = run->state.live_child();
    if (!child || present.contains(*child)) continue;
    execution::incarnation_ended fact;
    fact.child = *child;
    fact.incarnation = run->state.children[*child].last;
    fact.interrupted = true;
    fact.reason = "neither the process nor its shim is there any more";
    ledger_.note(*run, fact);
  }
}

void orchestrator::doubt_results_of_earlier_boots() {
  const auto boot = environment_.processes.self().boot_id;
  const auto now = environment_.clock.wall_now();
  for (const auto& [task, run] : ledger_.live()) {
    const auto child = child_with_doubtful_result(run->state, available_, now, boot);
    if (child.empty()) continue;
    execution::incarnation_ended fact;
    fact.child = child;
    fact.incarnation = run->state.children[child].last;
    fact.interrupted = true;
    fact.reason = "the machine was restarted before its result was kept";
    ledger_.note(*run, fact);
  }
}

}  // namespace nine::orchestration
