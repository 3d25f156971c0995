#include "ninelives/orchestration/task_driver.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/orchestration/child_role.hpp"
#include "ninelives/orchestration/kinds_of_error.hpp"
#include "ninelives/resilience/backoff.hpp"

namespace nine::orchestration {

namespace asio = boost::asio;

asio::awaitable<void> task_driver::drive(run_pointer run) {
  while (!run->state.ended && ledger_.fenced_reason().empty()) {
    const auto now = clock_.wall_now();
    auto next = mind_unheard(next_action(run->state, available_, now), run->state,
                             {run->expected, !run->leaving.empty()}, now);
    if (must_wait(*run, next)) next = wait_for_event{};
    co_await perform(run, std::move(next));
  }
  if (run->state.ended) co_await finish(run);
}

bool task_driver::must_wait(const task_run& run, const action& next) {
  const bool over = run.state.cancelled || is_out_of_time(run.state, clock_.wall_now());
  if (can_be_postponed(next) && !over && clock_.now() < run.postponed_until) return true;
  if (!begins_ && begins_something(next)) return true;
  return needs_place(next) && !admission_.request(run.state.id);
}

/// Tried again ever less often, until the task's time is up. The reason goes on record once.
void task_driver::postpone(task_run& run, const error& why) {
  constexpr resilience::backoff_policy pause{
      .base = 250ms, .most = 10s, .spread = resilience::jitter::equal};
  const auto wait = backoff(pause, ++run.postponements, {}, random_.next_unit());
  run.postponed_until = clock_.now() + wait;
  if (run.state.postponed != why.message)
    ledger_.note(run, execution::work_postponed{why.message}, journal::durability::lazy);
}

/// Only what was brought to its end shows that the obstacle has passed: an agent may start on a
/// full disk and lose its result.
void task_driver::settle(task_run& run, const result<void>& outcome) {
  if (!outcome) return postpone(run, outcome.error());
  run.postponements = 0;
}

asio::awaitable<void> task_driver::perform(run_pointer run, action next) {
  const auto task = run->state.id;
  if (auto* skip = std::get_if<skip_rung>(&next)) {
    ledger_.note(*run, skip->fact);
  } else if (auto* begin = std::get_if<begin_attempt>(&next)) {
    run->launches.clear();
    ledger_.note(*run, begin->fact);
  } else if (std::holds_alternative<capture_input>(next)) {
    co_await launch_child(run, execution::input_child(task));
  } else if (const auto* agent = std::get_if<launch_agent>(&next)) {
    co_await launch_child(run, execution::attempt_child(task, agent->attempt));
  } else if (const auto* gate = std::get_if<launch_gate>(&next)) {
    co_await launch_child(run, execution::gate_child(task, gate->attempt, gate->gate));
  } else if (auto* ended = std::get_if<conclude_child>(&next)) {
    const auto concluded = co_await conclusion_.conclude(run, std::move(ended->child));
    settle(*run, concluded);
  } else if (const auto* validator = std::get_if<run_validator>(&next)) {
    const auto validated = co_await conclusion_.validate(run, validator->check);
    settle(*run, validated);
  } else if (auto* order = std::get_if<stop_child>(&next)) {
    co_await stop(run, std::move(*order));
  } else if (auto* end = std::get_if<end_task>(&next)) {
    ledger_.note(*run, end->fact);
  } else {
    co_await wait_for_change(run);
  }
}

asio::awaitable<void> task_driver::stop(run_pointer run, stop_child order) {
  const bool asked = run->stopping == order.child;
  run->stopping = order.child;
  if (!asked) static_cast<void>(supervisor_.stop(order.child, order.reason));
  co_await wait_for_change(run);
}

/// Until something happens to the task, or the nearest deadline has passed.
asio::awaitable<void> task_driver::wait_for_change(run_pointer run) {
  using namespace asio::experimental::awaitable_operators;
  constexpr duration longest = 60s;  // wall time may jump: look again now and then
  const auto deadline = next_deadline(run->state);
  const auto now = clock_.wall_now();
  auto patience = longest;
  if (deadline && *deadline > now) patience = std::min<duration>(longest, *deadline - now);
  if (const auto left = run->postponed_until - clock_.now(); left > duration{})
    patience = std::min<duration>(patience, left);
  co_await (run->changed.wait() || clock_.sleep_for(patience));
}

asio::awaitable<void> task_driver::launch_child(run_pointer run, std::string child) {
  auto prepared = co_await launcher_.prepare(run, child);
  if (!prepared) co_return launch_failed(*run, child, prepared.error());
  run->launches.insert_or_assign(child, *std::move(prepared));
  // The attempt is on disk before its agent begins: a core that finds the agent knows what it works
  // at.
  const auto flushed = co_await ledger_.flush();
  if (!flushed) co_return ledger_.give_up(flushed.error());
  if (run->state.cancelled || !begins_) co_return;
  run->expected = child;
  const auto started = co_await supervisor_.start(launcher_.request_of(*run, child));
  if (started) co_return;
  run->expected.clear();
  if (started.error().code == error_code::fenced) co_return ledger_.give_up(started.error());
  launch_failed(*run, child, started.error());
}

void task_driver::launch_failed(task_run& run, const std::string& child, const error& why) {
  if (interrupting_ && !run.state.cancelled) return;
  const bool over = run.state.cancelled || is_out_of_time(run.state, clock_.wall_now());
  if (is_passing(why) && !over) return postpone(run, {why.code, child + ": " + why.message});
  if (const auto verdict = launch_failure(run.state, child, why)) ledger_.note(run, *verdict);
}

asio::awaitable<void> task_driver::finish(run_pointer run) {
  const auto flushed = co_await ledger_.flush();
  if (!flushed) co_return ledger_.give_up(flushed.error());
  ledger_.forget(run->state.id);
  if (const auto next = admission_.release(run->state.id)) {
    if (const auto admitted = ledger_.find(*next)) admitted->changed.notify_all();
  }
}

}  // namespace nine::orchestration
