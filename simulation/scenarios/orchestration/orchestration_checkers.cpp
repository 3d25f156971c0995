#include "simulation/scenarios/orchestration/orchestration_checkers.hpp"

#include <fmt/format.h>

#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "simulation/agents/scripted_agent.hpp"
#include "simulation/world.hpp"

namespace nine::simulation {

void one_life_at_a_time::process_started(world& stage, const process_record& born) {
  if (born.name == "core") epochs_.clear();
  const auto task = born.variable("NINE_TASK");
  if (task.empty() || born.name == descendant_program) return;
  for (const auto* each : stage.host().alive()) {
    if (each == &born || each->ending || each->variable("NINE_TASK") != task) continue;
    stage.fail(fmt::format("{} of {} starts while pid {} ({}) of an earlier life runs", born.name,
                           task, each->identity.pid, each->name));
  }
  const auto incarnation = std::stoll(born.variable("NINE_EPOCH"));
  auto& highest = epochs_[task];
  if (incarnation <= highest || incarnation < epoch_on_record(task)) {
    stage.fail(fmt::format("{} starts with epoch {} after {}", task, incarnation, highest));
  }
  highest = incarnation;
}

std::int64_t one_life_at_a_time::epoch_on_record(const std::string& task) const {
  journal::stores::memory_store store(medium_);
  const auto before = task_id(parse_task_id(task)->value() - 1);
  const auto found = store.tasks(before, 1);
  return found->empty() ? 0 : found->front().current.value();
}

}  // namespace nine::simulation
