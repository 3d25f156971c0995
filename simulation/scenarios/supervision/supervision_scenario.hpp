#pragma once

#include "simulation/world.hpp"

namespace nine::simulation {

/// Children in shims under a core that dies, stops and is replaced; shims and agents die, too, and
/// the machine reboots. No child lives twice, none comes back that is finished, and in the end all
/// are finished and nothing is left over.
void play_supervision(world& stage);

}  // namespace nine::simulation
