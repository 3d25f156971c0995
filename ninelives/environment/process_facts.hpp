#pragma once

#include <cstdint>

#include "ninelives/base/time.hpp"
#include "ninelives/environment/process_identity.hpp"

namespace nine::environment {

/// What the kernel tells about one process, for people.
struct process_facts {
  liveness now = liveness::unknown;
  bool stopped = false;      ///< by SIGSTOP or a debugger: it does nothing until it is continued
  wall_time started{};       ///< to a tick of the kernel (10 ms); zero when not known
  std::uint64_t pauses = 0;  ///< how often it has waited by itself: grows while its loop turns
};

}  // namespace nine::environment
