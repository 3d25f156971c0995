#include "simulation/checkers/restart_intensity_kept.hpp"

#include <fmt/format.h>

#include "simulation/agents/scripted_agent.hpp"
#include "simulation/world.hpp"

namespace nine::simulation {

void restart_intensity_kept::process_started(world& stage, const process_record& born) {
  if (born.name == "core") starts_.clear();
  const auto child = born.variable("NINE_CHILD");
  if (child.empty() || born.name == descendant_program) return;
  auto& times = starts_[child];
  while (!times.empty() && times.front() < stage.now() - period_)
    times.pop_front();
  times.push_back(stage.now());
  if (times.size() > restarts_ + 1) {
    stage.fail(fmt::format("{} starts more often than its intensity allows", child));
  }
}

void restart_intensity_kept::process_ended(world&, const process_record& gone) {
  const bool well = gone.exit == environment::exit_status::exited(0);
  if (well) starts_.erase(gone.variable("NINE_CHILD"));
}

}  // namespace nine::simulation
