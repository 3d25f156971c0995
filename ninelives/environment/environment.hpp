#pragma once

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/environment/network.hpp"
#include "ninelives/environment/processes.hpp"
#include "ninelives/environment/random.hpp"
#include "ninelives/environment/worker.hpp"

namespace nine::environment {

/// Everything a process of Ninelives gets from outside itself, as one bundle for composition roots.
/// A class takes the seams it needs one by one, so that its constructor says what it depends on.
struct bundle {
  nine::environment::clock& clock;
  nine::environment::random& random;
  nine::environment::files& files;
  nine::environment::network& network;
  nine::environment::processes& processes;
};

}  // namespace nine::environment
