#pragma once

#include <string>

#include "simulation/machine/program.hpp"
#include "simulation/scenarios/orchestration/orchestration_home.hpp"

namespace nine::simulation {

/// `client KEY TYPE`: gives a task of that type under the key, waits for its end, now and then
/// cancels it or gives it again when it has failed; through the command line's own client. Ends
/// with 0 when it was told all the ends it waits for.
constexpr const char* task_client_that_stays = "key-at-rest";  ///< cancels nothing
program_factory task_clients(orchestration_home& home);

/// `nine down`, and `nine up` until it succeeds.
program_factory home_stoppers(orchestration_home& home);
program_factory home_starters(orchestration_home& home);

}  // namespace nine::simulation
