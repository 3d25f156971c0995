#pragma once

#include "ninelives/base/time.hpp"
#include "ninelives/base/units.hpp"
#include "simulation/machine/process_context.hpp"
#include "simulation/machine/program.hpp"

namespace nine::simulation {

/// How an agent behaves: drawn anew for every life from these shares. One that neither crashes nor
/// hangs works for a while, writes its result to its standard output and exits with 0.
struct agent_script {
  duration work_least = 100ms;
  duration work_most = 5s;
  double crash = 0;         ///< exits with 1 on the way
  double hang = 0;          ///< never ends by itself
  double ignore_term = 0;   ///< only KILL ends it
  double leave_behind = 0;  ///< starts a process that outlives it
  double flood = 0;         ///< writes flood_bytes
  bytes flood_bytes = 64 * KiB;
};

constexpr const char* descendant_program = "agent-descendant";

/// A program that plays the script, which must outlive it; the result is `result_text`'s answer.
program_factory scripted_agent(const agent_script& script,
                               std::function<std::string(process_context&)> result_text);

/// What an agent leaves behind: ends only when it is killed.
program_factory agent_descendant();

}  // namespace nine::simulation
