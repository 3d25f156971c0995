#pragma once

#include "simulation/world.hpp"

namespace nine::simulation {

/// The whole home as it is shipped, guard and core and shims' decisions, with clients that give,
/// cancel and repeat tasks and agents that do them badly, while processes die and stop, disks fail
/// and the machine loses power. No promise is broken, and in the end every task has its one end.
void play_orchestration(world& stage);

}  // namespace nine::simulation
