#include "ninelives/supervision/guard/restart_backoff.hpp"

namespace nine::supervision::guard {

duration restart_backoff(const backoff_limits& limits, std::uint32_t failures, double chance) {
  if (failures == 0) return duration::zero();
  auto wait = limits.first;
  for (std::uint32_t doubled = 1; doubled < failures && wait < limits.most; ++doubled)
    wait *= 2;
  if (wait > limits.most) wait = limits.most;
  const auto shortened = static_cast<double>(wait.count()) * (1.0 - 0.5 * chance);
  return duration(static_cast<duration::rep>(shortened));
}

}  // namespace nine::supervision::guard
