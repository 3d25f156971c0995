#include "simulation/scenarios/supervision/supervision_checkers.hpp"

#include <fmt/format.h>

#include "simulation/world.hpp"

namespace nine::simulation {
void one_incarnation::process_started(world& stage, const process_record& born) {
  if (born.name != "agent") return;
  const auto child = born.variable("NINE_CHILD");
  for (const auto* each : stage.host().alive()) {
    if (each == &born || each->ending || each->variable("NINE_CHILD") != child) continue;
    stage.fail(fmt::format("{} starts while pid {} ({}) of an earlier life runs", child,
                           each->identity.pid, each->name));
  }
  const auto known = home_.children.find(born.specification.arguments.at(1));
  const auto epoch = std::stoll(born.variable("EPOCH"));
  if (known != home_.children.end() && epoch < known->second.highest_epoch) {
    stage.fail(
        fmt::format("{} starts with epoch {} after {}", child, epoch, known->second.highest_epoch));
  }
}

void finished_stays_finished::process_started(world& stage, const process_record& born) {
  if (born.name != "agent") return;
  const auto known = home_.children.find(born.specification.arguments.at(1));
  if (known != home_.children.end() && known->second.finished) {
    stage.fail(fmt::format("{} is finished and starts again", known->first));
  }
}

}  // namespace nine::simulation
