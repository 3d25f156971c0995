#include "ninelives/execution/task_state.hpp"

#include <algorithm>
#include <ranges>

namespace nine::execution {
namespace {

std::unexpected<error> impossible(std::string_view what) {
  return fail(error_code::corrupted,
              "a fact that cannot follow the ones before it: " + std::string(what));
}

/// Applies one kind of fact each; `state` is valid up to the fact before.
struct applier {
  task_state& state;
  epoch writer;
  wall_time at;

  result<void> operator()(const task_accepted& fact) {
    state.specification = fact.specification;
    state.accepted_at = at;
    return {};
  }
  result<void> operator()(const input_captured& fact) {
    state.captured_input = fact.input;
    state.postponed.clear();
    return {};
  }
  result<void> operator()(const rung_skipped& fact) {
    state.skipped.push_back(fact);
    return {};
  }
  result<void> operator()(const attempt_started& fact) {
    if (fact.attempt.value() != static_cast<std::int64_t>(state.attempts.size()) + 1) {
      return impossible("attempts are numbered without gaps");
    }
    auto& attempt = state.attempts.emplace_back();
    attempt.number = fact.attempt;
    attempt.rung = fact.rung;
    attempt.agent = fact.agent;
    attempt.feedback = fact.feedback;
    attempt.started_at = at;
    return {};
  }
  result<void> operator()(const incarnation_started& fact) {
    if (fact.incarnation <= state.current) return impossible("an epoch that does not rise");
    state.current = fact.incarnation;
    auto& child = state.children[fact.child];
    // What an interruption took is no time of the child's.
    if (child.incarnations++ == 0 || child.interrupted) child.started_at = at;
    child.last = fact.incarnation;
    child.live = true;
    child.interrupted = false;
    child.process = {};
    child.boot_id.clear();
    return {};
  }
  result<void> operator()(const incarnation_running& fact) {
    auto& child = state.children[fact.child];
    if (child.last != fact.incarnation) return {};
    state.postponed.clear();
    child.process = fact.process;
    child.boot_id = fact.process.boot_id;
    return {};
  }
  result<void> operator()(const incarnation_ended& fact) {
    auto& child = state.children[fact.child];
    if (child.last != fact.incarnation) return {};  // an older life, reported late
    child.exit = fact.exit;
    child.asked = fact.asked;
    child.cannot_run = fact.cannot_run;
    child.stdout_bytes_lost = fact.stdout_bytes_lost;
    const bool crashed = fact.exit.how != environment::exit_status::kind::exited;
    if (crashed && !fact.asked && !fact.interrupted) child.crashes.push_back(at);
    if (child.crashes.size() > child_state::crashes_kept)
      child.crashes.erase(child.crashes.begin());
    child.end_reason = fact.reason;
    child.live = fact.will_restart;
    child.interrupted = fact.interrupted;
    child.process = {};
    return {};
  }
  result<void> operator()(const step_intended& fact) {
    auto* attempt = state.find_attempt(fact.attempt);
    if (!attempt) return impossible("a step of an unknown attempt");
    auto& step = attempt->steps[fact.key];
    if (step.finished) return impossible("a finished step begun again");
    const bool begun_before = step.intended_in && step.intended_in != writer;
    if (begun_before || state.earlier_step(fact.attempt, fact.key)) step.doubtful = true;
    step.kind = fact.kind;
    step.intended_in = writer;
    return {};
  }
  result<void> operator()(const step_finished& fact) {
    auto* attempt = state.find_attempt(fact.attempt);
    if (!attempt) return impossible("a step of an unknown attempt");
    const auto found = attempt->steps.find(fact.key);
    if (found == attempt->steps.end()) return impossible("a result without an intent");
    if (found->second.finished) return impossible("a step finished twice");
    found->second.finished = true;
    found->second.succeeded = fact.succeeded;
    found->second.result = fact.result;
    state.input_tokens += fact.input_tokens;
    state.output_tokens += fact.output_tokens;
    return {};
  }
  result<void> operator()(const step_replayed& fact) {
    auto* attempt = state.find_attempt(fact.attempt);
    if (!attempt) return impossible("a step of an unknown attempt");
    auto& step = attempt->steps[fact.key];
    const auto* earlier = step.finished ? nullptr : state.earlier_step(fact.attempt, fact.key);
    if (earlier) step = *earlier;
    ++step.replays;
    ++state.replayed_steps;
    return {};
  }
  result<void> operator()(const step_uncertain& fact) {
    auto* attempt = state.find_attempt(fact.attempt);
    if (!attempt) return impossible("a step of an unknown attempt");
    auto& step = attempt->steps[fact.key];
    step.kind = effect::once;
    step.uncertain = true;
    return {};
  }
  result<void> operator()(const attempt_ended& fact) {
    auto* attempt = state.find_attempt(fact.attempt);
    if (!attempt) return impossible("the end of an unknown attempt");
    if (attempt->ended) return impossible("an attempt ended twice");
    attempt->ended = fact;
    state.postponed.clear();
    return {};
  }
  result<void> operator()(const check_ended& fact) {
    auto* attempt = state.find_attempt(fact.attempt);
    if (!attempt) return impossible("a check of an unknown attempt");
    if (fact.check != static_cast<int>(attempt->checks.size()))
      return impossible("checks out of order");
    attempt->checks.push_back({fact.name, fact.passed, fact.evidence, fact.cannot_run});
    state.postponed.clear();
    return {};
  }
  result<void> operator()(const work_postponed& fact) {
    state.postponed = fact.reason;
    return {};
  }
  result<void> operator()(const cancel_requested& fact) {
    if (!state.cancelled) state.cancelled = fact;
    return {};
  }
  result<void> operator()(const task_ended& fact) {
    state.ended = fact;
    state.ended_at = at;
    return {};
  }
};

}  // namespace

const check_state* attempt_state::failed_check() const {
  const auto found =
      std::ranges::find_if(checks, [](const check_state& check) { return !check.passed; });
  return found == checks.end() ? nullptr : &*found;
}

attempt_state* task_state::find_attempt(attempt_number number) {
  const auto index = number.value() - 1;
  if (index < 0 || index >= static_cast<std::int64_t>(attempts.size())) return nullptr;
  return &attempts[static_cast<std::size_t>(index)];
}

const step_state* task_state::earlier_step(attempt_number before, std::string_view key) const {
  for (const auto& attempt : attempts | std::views::reverse) {
    if (attempt.number >= before) continue;
    const auto found = attempt.steps.find(key);
    if (found == attempt.steps.end()) continue;
    const auto& step = found->second;
    if (step.kind == effect::pure || step.kind == effect::idempotent) continue;
    if (!step.finished || step.succeeded) return &step;
  }
  return nullptr;
}

int task_state::restarts() const {
  int total = 0;
  for (const auto& [name, child] : children)
    total += std::max(0, child.incarnations - 1);
  return total;
}

const std::string* task_state::live_child() const {
  for (const auto& [name, child] : children) {
    if (child.live) return &name;
  }
  return nullptr;
}

result<void> apply(task_state& state, const event& value, epoch writer, wall_time at) {
  if (state.ended) return impossible("something after the end of the task");
  return std::visit(applier{state, writer, at}, value);
}

result<task_state> fold(const std::vector<journal::fact>& facts) {
  task_state state;
  if (facts.empty()) return fail(error_code::not_found, "no facts about this task");
  state.id = facts.front().task;
  for (const auto& fact : facts) {
    NINE_TRY_ASSIGN(const event value, from_fact(fact));
    if (std::holds_alternative<task_accepted>(value) != (&fact == &facts.front())) {
      return impossible("a task begins with task_accepted, once");
    }
    auto applied = apply(state, value, fact.writer, fact.at);
    if (!applied)
      return with_context("fact " + std::to_string(fact.number.value()), applied.error());
  }
  return state;
}

std::string attempt_child(task_id task, attempt_number attempt) {
  return to_string(task) + ".a" + std::to_string(attempt.value());
}

std::string gate_child(task_id task, attempt_number attempt, int gate) {
  return attempt_child(task, attempt) + ".g" + std::to_string(gate);
}

std::string input_child(task_id task) {
  return to_string(task) + ".input";
}

task_id task_of_child(std::string_view child) {
  const auto dot = child.find('.');
  if (dot == std::string_view::npos) return {};
  return parse_task_id(child.substr(0, dot)).value_or(task_id{});
}

}  // namespace nine::execution
