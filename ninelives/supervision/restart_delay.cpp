#include "ninelives/supervision/restart_delay.hpp"

#include <algorithm>

namespace nine::supervision {

namespace {

constexpr duration stable_least = 30s;

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
  const resilience::backoff_policy policy{limits_.base, limits_.most, limits_.spread};
  last_delay_ = failures_in_a_row_ == 0
                    ? duration{}
                    : resilience::backoff(policy, failures_in_a_row_, last_delay_, chance);
  ++failures_in_a_row_;
  return last_delay_;
}

}  // namespace nine::supervision
