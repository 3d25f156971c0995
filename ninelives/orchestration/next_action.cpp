#include "ninelives/orchestration/next_action.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace nine::orchestration {
namespace {

using execution::attempt_child;
using execution::attempt_outcome;
using execution::attempt_state;
using execution::gate_child;
using execution::input_child;
using execution::task_state;
using execution::task_status;

const configuration::agent& agent_of(const task_state& state, const attempt_state& attempt) {
  return state.specification.plan.ladder[static_cast<std::size_t>(attempt.rung)];
}

wall_time task_deadline(const task_state& state) {
  return state.accepted_at + state.specification.plan.timeout;
}

/// When the child must have ended, for its own limit or the task's, whichever comes first.
wall_time child_deadline(const task_state& state, const std::string& child) {
  const auto* attempt = state.current_attempt();
  if (!attempt || child != attempt_child(state.id, attempt->number)) {
    const auto found = state.children.find(child);
    if (found == state.children.end()) return task_deadline(state);
    return std::min(task_deadline(state),
                    found->second.started_at + state.specification.plan.gate_timeout);
  }
  const auto& limit = agent_of(state, *attempt).timeout;
  const auto found = state.children.find(child);
  if (!limit || found == state.children.end()) return task_deadline(state);
  return std::min(task_deadline(state), found->second.started_at + *limit);
}

int attempts_on_rung(const task_state& state, int rung) {
  return static_cast<int>(std::ranges::count(state.attempts, rung, &attempt_state::rung));
}

/// What is wrong with an attempt, for people and as the feedback for the next one.
std::string finding(const task_state& state, const attempt_state& attempt) {
  const auto* check = attempt.failed_check();
  if (!check) return attempt.ended ? attempt.ended->reason : "";
  const auto place = static_cast<std::size_t>(check - attempt.checks.data());
  const bool is_gate = place >= state.specification.plan.validate.size();
  return is_gate ? fmt::format("gate '{}' failed: {}", check->name, check->evidence)
                 : fmt::format("{}: {}", check->name, check->evidence);
}

/// Why the best agents of the ladder did not deliver: for a degraded or failed task.
std::string why_not_better(const task_state& state, int delivering_rung) {
  std::string reason;
  for (const auto& skipped : state.skipped) {
    if (skipped.rung < delivering_rung) reason = skipped.agent + ": " + skipped.reason;
  }
  for (const auto& attempt : state.attempts) {
    if (attempt.rung < delivering_rung) reason = attempt.agent + ": " + finding(state, attempt);
  }
  return reason;
}

execution::task_ended delivered(const task_state& state, const attempt_state& attempt) {
  execution::task_ended end;
  end.result = attempt.ended->result;
  end.missing = agent_of(state, attempt).degrades;
  end.status = end.missing.empty() ? task_status::succeeded : task_status::degraded;
  if (!end.missing.empty()) end.reason = why_not_better(state, attempt.rung);
  return end;
}

execution::task_ended failed(std::string reason) {
  return {.status = task_status::failed, .result = {}, .missing = {}, .reason = std::move(reason)};
}

std::string cannot_be_judged(const execution::check_state& gate) {
  return fmt::format("the gate '{}' cannot be run, so no result can pass it: {}", gate.name,
                     gate.evidence);
}

execution::task_ended ladder_exhausted(const task_state& state) {
  const auto rungs = static_cast<int>(state.specification.plan.ladder.size());
  auto reason = why_not_better(state, rungs);
  if (reason.empty()) reason = "no agent is configured for this task";
  return failed(fmt::format("no agent delivered; the last one was {}", reason));
}

bool was_skipped(const task_state& state, int rung) {
  return std::ranges::find(state.skipped, rung, &execution::rung_skipped::rung) !=
         state.skipped.end();
}

/// The first rung from `rung` on whose agent has all it needs is begun; one that lacks something is
/// skipped.
action climb(const task_state& state, const capabilities& available, int rung,
             std::string feedback) {
  const auto& ladder = state.specification.plan.ladder;
  while (was_skipped(state, rung))
    ++rung;
  if (rung >= static_cast<int>(ladder.size())) return end_task{ladder_exhausted(state)};
  const auto& agent = ladder[static_cast<std::size_t>(rung)];
  for (const auto& need : agent.needs) {
    if (const auto reason = available.missing_reason(state.specification, agent, need)) {
      return skip_rung{{rung, agent.name, need, *reason}};
    }
  }
  const auto number = attempt_number(static_cast<std::int64_t>(state.attempts.size()) + 1);
  return begin_attempt{{number, rung, agent.name, std::move(feedback)}};
}

action after_failure(const task_state& state, const capabilities& available,
                     const attempt_state& attempt) {
  const bool hopeless = attempt.ended->outcome == attempt_outcome::unavailable;
  const bool exhausted =
      attempts_on_rung(state, attempt.rung) > static_cast<int>(state.specification.plan.retries);
  if (hopeless || exhausted) return climb(state, available, attempt.rung + 1, "");
  return climb(state, available, attempt.rung, finding(state, attempt));
}

/// Is the child to be started (again), or has it ended for good?
enum class child_phase { to_launch, live, ended };

child_phase phase_of(const task_state& state, const std::string& child) {
  const auto found = state.children.find(child);
  if (found == state.children.end()) return child_phase::to_launch;
  if (found->second.interrupted) return child_phase::to_launch;
  return found->second.live ? child_phase::live : child_phase::ended;
}

action judge_delivery(const task_state& state, const capabilities& available,
                      const attempt_state& attempt) {
  if (const auto* failure = attempt.failed_check()) {
    if (failure->cannot_run) return end_task{failed(cannot_be_judged(*failure))};
    return after_failure(state, available, attempt);
  }
  const auto done = static_cast<int>(attempt.checks.size());
  const auto validators = static_cast<int>(state.specification.plan.validate.size());
  if (done < validators) return run_validator{attempt.number, done};
  const int gate = done - validators;
  if (gate >= static_cast<int>(state.specification.plan.gates.size()))
    return end_task{delivered(state, attempt)};
  const auto child = gate_child(state.id, attempt.number, gate);
  if (phase_of(state, child) == child_phase::ended) return conclude_child{child};
  return launch_gate{attempt.number, gate};
}

/// What stops the task as a whole, once no child runs any more.
std::optional<execution::task_ended> verdict_from_outside(const task_state& state, wall_time now) {
  if (state.cancelled) {
    return execution::task_ended{.status = task_status::cancelled,
                                 .result = {},
                                 .missing = {},
                                 .reason = state.cancelled->reason};
  }
  if (now >= task_deadline(state)) {
    const auto* attempt = state.current_attempt();
    const auto last = attempt ? "; the last attempt: " + finding(state, *attempt) : std::string();
    const auto waited = state.postponed.empty() ? "" : "; it waited, for " + state.postponed;
    return failed(fmt::format(
        "the task's time limit of {} s has passed{}{}",
        std::chrono::duration_cast<std::chrono::seconds>(state.specification.plan.timeout).count(),
        last, waited));
  }
  return {};
}

action pursue(const task_state& state, const capabilities& available, wall_time now) {
  const auto* attempt = state.current_attempt();
  if (!attempt) return climb(state, available, 0, "");
  if (!attempt->ended) {
    const auto child = attempt_child(state.id, attempt->number);
    const bool launch = phase_of(state, child) == child_phase::to_launch;
    if (launch && !verdict_from_outside(state, now)) return launch_agent{attempt->number};
    return conclude_child{child};
  }
  if (attempt->delivered()) return judge_delivery(state, available, *attempt);
  return after_failure(state, available, *attempt);
}

/// The child that the action launches; empty when it launches none.
std::string launched_by(const action& next, task_id task) {
  if (std::holds_alternative<capture_input>(next)) return input_child(task);
  if (const auto* agent = std::get_if<launch_agent>(&next))
    return attempt_child(task, agent->attempt);
  if (const auto* gate = std::get_if<launch_gate>(&next))
    return gate_child(task, gate->attempt, gate->gate);
  return "";
}

stop_child stop_expected(const task_state& state, const std::string& child, wall_time now) {
  if (state.cancelled) return {child, "cancelled: " + state.cancelled->reason};
  auto reason = expired_reason(state, child, now);
  if (reason.empty()) reason = "its task does not need it any more";
  return {child, std::move(reason)};
}

}  // namespace

std::string expired_reason(const task_state& state, const std::string& child, wall_time now) {
  if (now < child_deadline(state, child)) return "";
  const auto waited = state.postponed.empty() ? "" : "; it waited, for " + state.postponed;
  const auto whose = is_out_of_time(state, now) ? "the task's" : "its";
  return fmt::format("{} time limit has passed{}", whose, waited);
}

bool is_out_of_time(const task_state& state, wall_time now) {
  return now >= task_deadline(state);
}

bool needs_place(const action& next) {
  return std::holds_alternative<capture_input>(next) ||
         std::holds_alternative<launch_agent>(next) || std::holds_alternative<launch_gate>(next);
}

bool begins_something(const action& next) {
  return std::holds_alternative<begin_attempt>(next) || needs_place(next);
}

bool can_be_postponed(const action& next) {
  return needs_place(next) || std::holds_alternative<conclude_child>(next) ||
         std::holds_alternative<run_validator>(next);
}

action next_action(const task_state& state, const capabilities& available, wall_time now) {
  if (state.ended) return wait_for_event{};
  if (const auto* child = state.live_child()) {
    if (state.cancelled) return stop_child{*child, "cancelled: " + state.cancelled->reason};
    if (auto reason = expired_reason(state, *child, now); !reason.empty()) {
      return stop_child{*child, std::move(reason)};
    }
    return wait_for_event{};
  }
  const auto* attempt = state.current_attempt();
  const bool open = attempt && !attempt->ended;
  if (!open) {
    if (auto end = verdict_from_outside(state, now)) return end_task{std::move(*end)};
  }
  if (!state.specification.plan.input.command.empty() && !state.captured_input) {
    const auto child = input_child(state.id);
    if (phase_of(state, child) == child_phase::to_launch) return capture_input{};
    return conclude_child{child};
  }
  return pursue(state, available, now);
}

std::string wanted_child(const task_state& state, const capabilities& available, wall_time now) {
  if (state.ended) return "";
  if (const auto* child = state.live_child()) return *child;
  return launched_by(next_action(state, available, now), state.id);
}

action mind_unheard(action next, const task_state& state, const unheard_children& unheard,
                    wall_time now) {
  const bool harmless =
      std::holds_alternative<wait_for_event>(next) || std::holds_alternative<stop_child>(next);
  if (harmless) return next;
  if (!unheard.expected.empty()) {
    const bool awaited = launched_by(next, state.id) == unheard.expected;
    if (!awaited) return stop_expected(state, unheard.expected, now);
    return wait_for_event{};
  }
  if (unheard.leaving) return wait_for_event{};
  return next;
}

std::string child_with_doubtful_result(const task_state& state, const capabilities& available,
                                       wall_time now, std::string_view boot_id) {
  const auto next = next_action(state, available, now);
  const auto* conclusion = std::get_if<conclude_child>(&next);
  if (conclusion == nullptr) return "";
  const auto found = state.children.find(conclusion->child);
  if (found == state.children.end() || !found->second.exit.success()) return "";
  const auto& ran_in = found->second.boot_id;
  return ran_in.empty() || ran_in == boot_id ? "" : conclusion->child;
}

bool is_interruption(const task_state& state, const std::string& child, bool stop_was_asked,
                     wall_time now) {
  return stop_was_asked && !state.cancelled && expired_reason(state, child, now).empty();
}

std::optional<wall_time> next_deadline(const task_state& state) {
  if (state.ended) return {};
  if (const auto* child = state.live_child()) return child_deadline(state, *child);
  return task_deadline(state);
}

}  // namespace nine::orchestration
