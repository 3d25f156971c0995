#pragma once

#include <cstdint>

#include "ninelives/base/time.hpp"

namespace nine::supervision::guard {

/// How long to wait before a service that ended is started again: not at all the first time, then
/// `first`, doubling up to `most`, with equal jitter (resilience/backoff). It never gives up: as
/// long as a guard lives, it tries.
struct backoff_limits {
  duration first = 100ms;
  duration most = 30s;
  duration stable_after = 30s;  ///< a life this long forgives the failures before it
};

/// `failures`: lives that ended before and were not forgiven. `chance`: uniform in [0, 1).
duration restart_backoff(const backoff_limits& limits, std::uint32_t failures, double chance);

}  // namespace nine::supervision::guard
