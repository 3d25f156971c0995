#include "ninelives/supervision/restart_delay.hpp"

#include <algorithm>

namespace nine::supervision {

namespace {

constexpr duration stable_least = 30s;

// base·2ⁿ, capped, then equal jitter: half of it is fixed, half is up to chance.
duration exponential(const restart_delay_limits& limits, std::uint32_t exponent, double chance) {
  duration full = std::min(limits.base, limits.most);
  for (; exponent > 0 && full < limits.most; --exponent)
    full = full > limits.most / 2 ? limits.most : full * 2;
  const auto half = full / 2;
  return half + duration(static_cast<duration::rep>(chance * static_cast<double>(half.count())));
}

}  // namespace

void restart_delay::started(monotonic_time now) {
  started_at_ = now;
  progress_ = false;
}

void restart_delay::made_progress() {
  progress_ = true;
}

bool restart_delay::was_stable(monotonic_time now) const {
  if (!started_at_) return false;
  const auto uptime = now - *started_at_;
  return uptime >= std::max(stable_least, last_delay_);
}

duration restart_delay::next(monotonic_time now, double chance) {
  if (progress_ || was_stable(now)) failures_in_a_row_ = 0;
  started_at_.reset();
  progress_ = false;
  last_delay_ = failures_in_a_row_ == 0
                    ? duration{}
                    : exponential(limits_, std::min(failures_in_a_row_ - 1, 62U), chance);
  ++failures_in_a_row_;
  return last_delay_;
}

}  // namespace nine::supervision
