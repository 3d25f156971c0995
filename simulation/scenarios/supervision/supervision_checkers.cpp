#include "simulation/scenarios/supervision/supervision_checkers.hpp"

#include <fmt/format.h>

#include <string_view>

#include "simulation/world.hpp"

namespace nine::simulation {
namespace {

std::string variable_of(const process_record& process, std::string_view name) {
  for (const auto& each : process.specification.environment) {
    if (each.starts_with(name) && each.substr(name.size()).starts_with('=')) {
      return each.substr(name.size() + 1);
    }
  }
  return {};
}

}  // namespace

void one_incarnation::process_started(world& stage, const process_record& born) {
  if (born.name != "agent") return;
  const auto child = variable_of(born, "NINE_CHILD");
  for (const auto* each : stage.host().alive()) {
    if (each == &born || each->ending || variable_of(*each, "NINE_CHILD") != child) continue;
    stage.fail(fmt::format("{} starts while pid {} ({}) of an earlier life runs", child,
                           each->identity.pid, each->name));
  }
  const auto known = home_.children.find(born.specification.arguments.at(1));
  const auto epoch = std::stoll(variable_of(born, "EPOCH"));
  if (known != home_.children.end() && epoch < known->second.highest_epoch) {
    stage.fail(
        fmt::format("{} starts with epoch {} after {}", child, epoch, known->second.highest_epoch));
  }
}

void restart_intensity_kept::process_started(world& stage, const process_record& born) {
  if (born.name == "core") starts_.clear();
  if (born.name != "agent") return;
  auto& times = starts_[born.specification.arguments.at(1)];
  while (!times.empty() && times.front() < stage.now() - period_)
    times.pop_front();
  times.push_back(stage.now());
  if (times.size() > restarts_ + 1) {
    stage.fail(fmt::format("{} starts more often than its intensity allows",
                           born.specification.arguments.at(1)));
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
