#include <array>

#include "simulation/scenarios/journal/journal_scenario.hpp"
#include "simulation/scenarios/orchestration/orchestration_scenario.hpp"
#include "simulation/scenarios/scenario.hpp"
#include "simulation/scenarios/supervision/supervision_scenario.hpp"

namespace nine::simulation {

std::span<const scenario> all_scenarios() {
  static constexpr std::array scenarios = {
      scenario{"journal", "cores that write one journal are killed, stopped and cut from power",
               play_journal},
      scenario{"supervision", "shims, agents, cores and the machine die under the agent supervisor",
               play_supervision},
      scenario{"orchestration", "a whole home brings tasks to their ends while everything dies",
               play_orchestration},
  };
  return scenarios;
}

}  // namespace nine::simulation
