#pragma once

#include <algorithm>

#include "ninelives/base/time.hpp"

namespace nine::resilience {

/// The moment after which nobody waits for an answer any more. Handed down from a request to all
/// it causes: each step may take less, never longer (R1).
class deadline {
 public:
  /// For what has no bound of its own; later than anything.
  static deadline never() { return deadline(monotonic_time::max()); }

  /// `limit` from `now`; never, when that is past the end of time.
  static deadline in(monotonic_time now, duration limit) {
    if (limit >= monotonic_time::max() - std::max(now, monotonic_time{})) return never();
    return deadline(now + limit);
  }

  explicit deadline(monotonic_time at) : at_(at) {}

  monotonic_time at() const { return at_; }
  bool passed(monotonic_time now) const { return now >= at_; }

  /// Zero when it has passed.
  duration left(monotonic_time now) const {
    return passed(now)                    ? duration::zero()
           : at_ == monotonic_time::max() ? duration::max()
                                          : at_ - now;
  }

  /// For a step that may take at most `limit` of what is left.
  deadline at_most(monotonic_time now, duration limit) const {
    return deadline(std::min(at_, in(now, limit).at_));
  }

  bool operator==(const deadline&) const = default;

 private:
  monotonic_time at_;
};

}  // namespace nine::resilience
