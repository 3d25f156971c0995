#pragma once

#include <chrono>
#include <cstdint>

#include "ninelives/base/time.hpp"
#include "ninelives/environment/process_facts.hpp"

namespace nine::environment {

/// When a process began that was `start_ticks` after the boot, as /proc tells: by its age, because
/// the time of the boot, which /proc tells too, is rounded to a second and moves when the wall
/// clock is set. `since_boot` and `now` are the same moment.
wall_time start_of(std::uint64_t start_ticks, std::uint64_t ticks_per_second,
                   std::chrono::nanoseconds since_boot, wall_time now);

/// Looks at /proc. Thread: any; does not wait.
process_facts facts_of(const process_identity& process);

}  // namespace nine::environment
