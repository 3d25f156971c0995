#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"

namespace nine::supervision {

struct intensity_limits {
  std::size_t restarts = 5;  ///< allowed in `period`; the next one escalates
  duration period = 60s;
  bool operator==(const intensity_limits&) const = default;
};

constexpr std::size_t intensity_restarts_most = 10'000;

/// Error invalid_argument: period not positive, restarts above intensity_restarts_most.
result<void> validate(const intensity_limits& limits);

/// Counts restarts in a sliding window, as OTP's supervisor does (add_restart in supervisor.erl),
/// but in nanoseconds: whole seconds admit bursts across a boundary. The time in which a child
/// rests after a crash loop is not counted as passed for its restarts: else a child that does
/// nothing but crash and rest would never be given up.
class restart_intensity {
 public:
  explicit restart_intensity(intensity_limits limits = {}) : limits_(limits) {}

  /// Charged before a restart is attempted. False: too many, the supervisor must give up. A stamp
  /// exactly `period` old still counts. `child`: whose restart it is.
  [[nodiscard]] bool charge(monotonic_time now, std::uint64_t child = 0);

  /// The child is not started for this long.
  void rests(std::uint64_t child, duration rest);

  /// Charged in the window that ends now.
  std::size_t charged(monotonic_time now) const;

  const intensity_limits& limits() const { return limits_; }

 private:
  intensity_limits limits_;
  struct stamp {
    monotonic_time at;
    std::uint64_t child;
  };
  std::vector<stamp> stamps_;  ///< in the order charged; at most limits_.restarts + 1
};

}  // namespace nine::supervision
