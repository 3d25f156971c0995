#pragma once

#include "simulation/machine/program.hpp"
#include "simulation/scenarios/orchestration/orchestration_home.hpp"

namespace nine::simulation {

/// `nine guard` and `nine core` as they are shipped, over simulated seams; only the journal's store
/// is another one (in memory, failing as the scenario says).
program_factory guard_of(orchestration_home& home);
program_factory core_of(orchestration_home& home);

/// How clients and cores start the guard.
std::vector<std::string> service_variables(const orchestration_home& home);

}  // namespace nine::simulation
