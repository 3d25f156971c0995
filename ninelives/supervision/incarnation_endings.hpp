#pragma once

#include <string>
#include <vector>

#include "ninelives/supervision/agent_supervisor.hpp"
#include "ninelives/supervision/shim/protocol.hpp"
#include "ninelives/supervision/supervisor.hpp"

namespace nine::supervision {

incarnation_ending ending_of(const shim::exited& event);
incarnation_ending ending_of(const shim::start_failed& event);

/// All that the shim keeps, by rising incarnation.
std::vector<incarnation_ending> endings_of(const shim::shim_hello& hello);

/// What the ending is to a supervisor.
child_end meaning_of(const incarnation_ending& ending, exit_meaning exits);

/// For a person: "exit code 3", or why there was no exit.
std::string describe(const incarnation_ending& ending);

}  // namespace nine::supervision
