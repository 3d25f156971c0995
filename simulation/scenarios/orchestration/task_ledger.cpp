#include "simulation/scenarios/orchestration/task_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "simulation/world.hpp"

namespace nine::simulation {
namespace {

/// A start that was on its way to the shim when the cancelling became durable, and is not on
/// record.
constexpr duration start_on_its_way_most = 2s;

std::string text_of(const step_name& step) {
  if (step.attempt.empty()) return fmt::format("step {} of {}", step.key, step.task);
  return fmt::format("step {} of {} attempt {}", step.key, step.task, step.attempt);
}

}  // namespace

void task_ledger::accepted(const std::string& key, const std::string& task) {
  ++promises_;
  const auto [known, fresh] = accepted_.try_emplace(key, task);
  if (!fresh && known->second != task) {
    stage_.fail(fmt::format("{} was accepted as {} and again as {}", key, known->second, task));
  }
}

void task_ledger::cancelled(const std::string& task) {
  ++promises_;
  cancelled_.try_emplace(task, stage_.now());
}

void task_ledger::told_end(const std::string& task, const std::string& status,
                           const std::string& result) {
  ++promises_;
  const auto [known, fresh] = ends_.try_emplace(task, end_record{status, result});
  if (!fresh && (known->second.status != status || known->second.result != result)) {
    stage_.fail(fmt::format("{} ended as {} '{}', and then as {} '{}'", task, known->second.status,
                            known->second.result, status, result));
  }
  const bool succeeded = status == "succeeded";
  if (succeeded && !delivered_[task].contains(result)) {
    stage_.fail(fmt::format("{} succeeded with '{}', which no agent delivered", task, result));
  }
}

void task_ledger::step_done(const step_name& step, const std::string& effect) {
  auto& known = steps_[step];
  if (known.acknowledged) stage_.fail(text_of(step) + " is finished and runs again");
  const bool outside = step.attempt.empty();
  if (++known.done > 1 && outside)
    stage_.fail(fmt::format("{} is done twice, and is {}", text_of(step), effect));
}

void task_ledger::step_acknowledged(const step_name& step, const std::string& result) {
  ++promises_;
  steps_[step].acknowledged = result;
}

void task_ledger::step_repeated(const step_name& step, const std::string& result) {
  ++promises_;
  auto& known = steps_[step];
  if (known.done == 0) stage_.fail(text_of(step) + " counts as finished and never ran");
  if (known.acknowledged && *known.acknowledged != result) {
    stage_.fail(
        fmt::format("{} gave '{}' and later '{}'", text_of(step), *known.acknowledged, result));
  }
  known.acknowledged = result;  // of an answer that was lost on its way, this is the first
}

void task_ledger::delivered(const std::string& task, const std::string& result) {
  delivered_[task].insert(result);
}

void task_ledger::process_started(world& stage, const process_record& born) {
  const auto task = born.variable("NINE_TASK");
  if (task.empty() || born.name == "agent-descendant") return;
  if (ends_.contains(task)) {
    stage.fail(fmt::format("{} has ended and starts {}", task, born.name));
  }
  const auto wish = cancelled_.find(task);
  const bool late = wish != cancelled_.end() && stage.now() > wish->second + start_on_its_way_most;
  if (late && !waited_in_its_shim(born)) {
    stage.fail(fmt::format("{} was cancelled and starts {}", task, born.name));
  }
  const auto state = state_of(*parse_task_id(task));
  if (state && state->ended) {
    stage.fail(fmt::format("{} has its end on record and starts {}", task, born.name));
  }
}

/// A shim that stood still when the wish came, and has just been continued, has the start and the
/// stop before it, and begins with the start.
bool task_ledger::waited_in_its_shim(const process_record& born) {
  const auto* shim = stage_.host().find(born.parent);
  const bool continued =
      shim && shim->continued_at && stage_.now() <= *shim->continued_at + start_on_its_way_most;
  return continued &&
         decided_before_cancelling(born.variable("NINE_TASK"), born.variable("NINE_EPOCH"));
}

bool task_ledger::decided_before_cancelling(const std::string& task, const std::string& life) {
  journal::stores::memory_store store(medium_);
  const auto facts = store.read_task(*parse_task_id(task));
  if (!facts) return false;
  for (const auto& fact : *facts) {
    const auto known = execution::from_fact(fact);
    if (!known || std::holds_alternative<execution::cancel_requested>(*known)) return false;
    const auto* started = std::get_if<execution::incarnation_started>(&*known);
    if (started && std::to_string(started->incarnation.value()) == life) return true;
  }
  return false;
}

std::optional<execution::task_state> task_ledger::state_of(task_id task) {
  journal::stores::memory_store store(medium_);
  const auto facts = store.read_task(task);
  if (!facts || facts->empty()) return {};
  auto state = execution::fold(*facts);
  if (state) return *std::move(state);
  stage_.fail(fmt::format("the facts of {} cannot be: {}", to_string(task), state.error().message));
  return {};
}

std::vector<task_id> task_ledger::tasks() {
  journal::stores::memory_store store(medium_);
  std::vector<task_id> found;
  const auto summaries = store.tasks(task_id(), 10'000);
  for (const auto& each : *summaries)
    found.push_back(each.task);
  return found;
}

void task_ledger::compare() {
  for (const auto& [key, task] : accepted_) {
    if (!state_of(*parse_task_id(task))) {
      stage_.fail(fmt::format("{} was accepted as {} and is lost", key, task));
    }
  }
  for (const auto& [task, ignored] : cancelled_) {
    const auto state = state_of(*parse_task_id(task));
    if (!state || !state->cancelled) stage_.fail("the cancelling of " + task + " is lost");
  }
  for (const auto task : tasks()) {
    const auto state = state_of(task);
    if (!state) continue;
    compare_steps(*state, to_string(task));
    compare_end(task, *state);
    look_for_hasty_verdicts(*state);
  }
}

void task_ledger::compare_steps(const execution::task_state& state, const std::string& task) {
  for (const auto& [step, known] : steps_) {
    if (step.task != task || !known.acknowledged) continue;
    const bool kept = std::ranges::any_of(state.attempts, [&](const auto& each) {
      if (!step.attempt.empty() && std::to_string(each.number.value()) != step.attempt)
        return false;
      const auto found = each.steps.find(step.key);
      return found != each.steps.end() && found->second.finished;
    });
    if (!kept) stage_.fail(text_of(step) + " was finished and is lost");
  }
}

/// Every program of the story can be started; what hinders it passes.
void task_ledger::look_for_hasty_verdicts(const execution::task_state& state) {
  journal::stores::memory_store store(medium_);
  const auto facts = store.read_task(state.id);
  const auto deadline = state.accepted_at + state.specification.plan.timeout;
  for (const auto& fact : *facts) {
    const bool verdict =
        fact.kind == "attempt_ended" || fact.kind == "check_ended" || fact.kind == "task_ended";
    if (!verdict || state.cancelled || fact.at >= deadline) continue;
    if (fact.body.contains("could not be started") || fact.body.contains("could not be kept"))
      stage_.fail(fmt::format("{} is blamed for the machine: {}", to_string(state.id), fact.body));
  }
}

void task_ledger::expect_success(const std::string& key) {
  const auto task = accepted_.find(key);
  const auto end = task == accepted_.end() ? ends_.end() : ends_.find(task->second);
  const auto status = end == ends_.end() ? std::string("nothing") : end->second.status;
  if (status != "succeeded") stage_.fail(fmt::format("{} came to {}", key, status));
}

void task_ledger::compare_end(task_id task, const execution::task_state& state) {
  const auto told = ends_.find(to_string(task));
  if (told == ends_.end()) return;
  const bool kept = state.ended && execution::to_string(state.ended->status) == told->second.status;
  if (!kept) stage_.fail(fmt::format("the end of {} was told and is lost", to_string(task)));
}

std::string task_ledger::unfinished() {
  std::string names;
  for (const auto task : tasks()) {
    const auto state = state_of(task);
    if (!state || !state->ended) names += to_string(task) + " ";
  }
  return names;
}

void task_ledger::tell_facts() {
  journal::stores::memory_store store(medium_);
  const auto facts = store.read_after(sequence(), 100'000);
  for (const auto& fact : *facts) {
    const bool long_known = fact.kind == "task_accepted";
    stage_.note(fmt::format("fact {} of {}: {} {}", fact.number.value(), to_string(fact.task),
                            fact.kind, long_known ? "" : fact.body));
  }
}

void task_ledger::finished(world& stage) {
  compare();
  if (stage.failed()) tell_facts();
  journal::stores::memory_store store(medium_);
  for (const auto task : tasks()) {
    const auto facts = store.read_task(task);
    const auto ends = std::ranges::count(*facts, "task_ended", &journal::fact::kind);
    const bool last = !facts->empty() && facts->back().kind == "task_ended";
    if (ends != 1 || !last) {
      stage.fail(fmt::format("{} has {} ends, and {} after it", to_string(task), ends,
                             last ? "nothing" : "something"));
    }
  }
}

}  // namespace nine::simulation
