#pragma once

#include "simulation/machine/program.hpp"
#include "simulation/scenarios/orchestration/orchestration_home.hpp"

namespace nine::simulation {

/// `agent NAME`: journals a few steps through the agent API, writes its result, ends; or fails,
/// crashes, hangs, as the script of that name says.
program_factory task_agents(orchestration_home& home);

/// `gate NAME`: passes or not.
program_factory task_gates(orchestration_home& home);

}  // namespace nine::simulation
