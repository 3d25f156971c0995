#pragma once

#include <cstddef>
#include <vector>

#include "ninelives/base/time.hpp"

namespace nine::supervision {

struct crash_loop_limits {
  std::size_t crashes = 3;  ///< so many in `window` force the cool-down; 0 switches the guard off
  duration window = 120s;
  duration cool_down = 120s;
  bool operator==(const crash_loop_limits&) const = default;
};

/// Crash loops that outlive the process that counts them (S4): wall times of the last crashes,
/// which the owner knows from its journal. Wall time may jump: a crash "in the future" counts as
/// now.
class crash_loop_guard {
 public:
  static constexpr std::size_t crashes_kept = 10;

  explicit crash_loop_guard(crash_loop_limits limits = {}, std::vector<wall_time> crashes = {});

  void crashed(wall_time now);

  /// What is left of the cool-down; zero when none is due. Never longer than the cool-down.
  duration cool_down_left(wall_time now) const;

  /// The last crashes, rising, at most crashes_kept.
  const std::vector<wall_time>& crashes() const { return crashes_; }

 private:
  crash_loop_limits limits_;
  std::vector<wall_time> crashes_;
};

}  // namespace nine::supervision
