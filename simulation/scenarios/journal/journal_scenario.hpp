#pragma once

#include "simulation/world.hpp"

namespace nine::simulation {

/// Cores come and go over one journal whose store fails now and then; what was acknowledged
/// survives, without gaps, once, in order, and nothing of an older core follows a newer one's
/// claim.
void play_journal(world& stage);

}  // namespace nine::simulation
