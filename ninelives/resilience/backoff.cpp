#include "ninelives/resilience/backoff.hpp"

#include <algorithm>

#include "ninelives/base/assert.hpp"

namespace nine::resilience {
namespace {

duration scaled(duration value, double factor) {
  return duration(static_cast<duration::rep>(static_cast<double>(value.count()) * factor));
}

/// min(most, base · 2^(retry - 1)), without ever multiplying past `most`.
duration doubled(const backoff_policy& policy, std::uint32_t retry) {
  auto wait = std::min(policy.base, policy.most);
  for (std::uint32_t i = 1; i < retry && wait < policy.most; ++i) {
    if (wait <= duration::zero()) return wait;
    wait = wait > policy.most / 2 ? policy.most : wait * 2;
  }
  return wait;
}

}  // namespace

duration backoff(const backoff_policy& policy, std::uint32_t retry, duration previous,
                 double chance) {
  NINE_ASSERT(retry >= 1 && chance >= 0 && chance < 1);
  const auto wait = doubled(policy, retry);
  switch (policy.spread) {
    case jitter::none:
      return wait;
    case jitter::full:
      return scaled(wait, chance);
    case jitter::equal:
      return wait / 2 + scaled(wait - wait / 2, chance);
    case jitter::decorrelated: {
      const auto last = std::clamp(previous, policy.base, std::max(policy.base, policy.most));
      const auto upper = last > policy.most / 3 ? policy.most : last * 3;
      return std::min(
          policy.most,
          policy.base + scaled(std::max(upper - policy.base, duration::zero()), chance));
    }
  }
  return wait;
}

}  // namespace nine::resilience
