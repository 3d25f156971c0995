#include "simulation/checkers/restart_intensity_kept.hpp"

#include <fmt/format.h>

#include "simulation/agents/scripted_agent.hpp"
#include "simulation/world.hpp"

namespace nine::simulation {

void restart_intensity_kept::forget_old(std::deque<monotonic_time>& times, monotonic_time now) {
  while (!times.empty() && times.front() < now - period_)
    times.pop_front();
}

void restart_intensity_kept::process_started(world& stage, const process_record& born) {
  if (born.name == "core") {
    core_starts_.push_back(stage.now());
    starts_by_this_core_.clear();
  }
  const auto child = born.variable("NINE_CHILD");
  if (child.empty() || born.name == descendant_program) return;
  forget_old(core_starts_, stage.now());
  const auto count = [&](std::deque<monotonic_time>& starts) {
    starts.push_back(stage.now());
    forget_old(starts, stage.now());
    return starts.size();
  };
  if (count(starts_by_this_core_[child]) > restarts_ + 1 ||
      count(starts_[child]) > restarts_ + 1 + core_starts_.size()) {
    stage.fail(fmt::format("{} starts more often than its intensity allows", child));
  }
}

void restart_intensity_kept::process_ended(world&, const process_record& gone) {
  const bool well = gone.exit == environment::exit_status::exited(0);
  if (!well) return;
  starts_.erase(gone.variable("NINE_CHILD"));
  starts_by_this_core_.erase(gone.variable("NINE_CHILD"));
}

}  // namespace nine::simulation
