#include "ninelives/supervision/guard/restart_backoff.hpp"

#include "ninelives/resilience/backoff.hpp"

namespace nine::supervision::guard {

duration restart_backoff(const backoff_limits& limits, std::uint32_t failures, double chance) {
  if (failures == 0) return duration::zero();
  return resilience::backoff({limits.first, limits.most, resilience::jitter::equal}, failures, {},
                             chance);
}

}  // namespace nine::supervision::guard
