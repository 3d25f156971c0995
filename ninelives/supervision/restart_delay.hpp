#pragma once

#include <cstdint>
#include <optional>

#include "ninelives/base/time.hpp"
#include "ninelives/resilience/backoff.hpp"

namespace nine::supervision {

struct restart_delay_limits {
  duration base = 1s;   ///< before the second restart in a row; the first happens at once
  duration most = 60s;  ///< no delay is longer
  resilience::jitter spread = resilience::jitter::equal;
  bool operator==(const restart_delay_limits&) const = default;
};

/// How long to wait before a restart (S4): none before the first, then resilience::backoff. Starts
/// over only after a run that made progress, or that stayed up for max(30 s, the delay before it).
/// OTP has no such delay; agents of a provider that is down need one. Counted apart from
/// restart_intensity.
class restart_delay {
 public:
  explicit restart_delay(restart_delay_limits limits = {}) : limits_(limits) {}

  /// A run begins.
  void started(monotonic_time now);

  /// It did something worth keeping.
  void made_progress();

  /// The wait before the next run, after a run that failed or a start that failed. `chance` is
  /// uniform in [0, 1).
  duration next(monotonic_time now, double chance);

 private:
  bool was_stable(monotonic_time now) const;

  restart_delay_limits limits_;
  std::uint32_t failures_in_a_row_ = 0;
  std::optional<monotonic_time> started_at_;
  bool progress_ = false;
  duration last_delay_{};
};

}  // namespace nine::supervision
