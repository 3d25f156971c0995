#pragma once

#include <cstdint>
#include <deque>

#include "ninelives/base/time.hpp"

namespace nine::resilience {

/// How calls of one stretch of time ended. A failure may be slow too.
struct call_counts {
  std::uint32_t calls = 0;
  std::uint32_t failures = 0;
  std::uint32_t slow = 0;

  call_counts& operator+=(const call_counts& more);
};

/// The last calls: the last N of them, or those of the last T. Memory is bounded by N, or by
/// `slots` for a window of time, whose edge is as coarse as T / slots.
class sliding_window {
 public:
  static constexpr int slots = 10;

  static sliding_window of_calls(std::uint32_t calls_most);
  static sliding_window of_time(duration length);

  void add(monotonic_time now, bool failed, bool slow);

  call_counts total(monotonic_time now) const;

  void clear() { entries_.clear(); }

 private:
  struct entry {
    monotonic_time at;
    call_counts counts;
  };

  sliding_window(std::uint32_t calls_most, duration length)
      : calls_most_(calls_most), length_(length) {}

  bool by_time() const { return length_ > duration::zero(); }
  void forget(monotonic_time now);

  std::uint32_t calls_most_;
  duration length_;
  std::deque<entry> entries_;
};

}  // namespace nine::resilience
