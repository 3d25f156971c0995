#pragma once

#include <cstdint>

#include "ninelives/base/time.hpp"

namespace nine::resilience {

/// How chance spreads a wait, so that those who failed together do not come back together.
enum class jitter {
  none,          ///< exactly the wait
  full,          ///< anything from nothing to the wait
  equal,         ///< the half of it, and anything up to the whole
  decorrelated,  ///< anything from the first wait to three times the last one
};

/// Waits that double up to a bound (R2).
struct backoff_policy {
  duration base = 1s;
  duration most = 30s;
  jitter spread = jitter::full;

  bool operator==(const backoff_policy&) const = default;
};

/// The wait before try number `retry` (from 1) of the same thing. `previous` is the wait before
/// (zero at first; only for decorrelated), `chance` uniform in [0, 1). Never over `most`.
/// Full: chance · min(most, base·2ⁿ); decorrelated: min(most, base + chance · (3·previous − base)).
duration backoff(const backoff_policy& policy, std::uint32_t retry, duration previous,
                 double chance);

}  // namespace nine::resilience
