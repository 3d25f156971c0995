#include "ninelives/resilience/sliding_window.hpp"

#include <algorithm>

#include "ninelives/base/assert.hpp"

namespace nine::resilience {

call_counts& call_counts::operator+=(const call_counts& more) {
  calls += more.calls;
  failures += more.failures;
  slow += more.slow;
  return *this;
}

sliding_window sliding_window::of_calls(std::uint32_t calls_most) {
  NINE_ASSERT(calls_most > 0);
  return {calls_most, duration::zero()};
}

sliding_window sliding_window::of_time(duration length) {
  NINE_ASSERT(length >= duration(slots));
  return {0, length};
}

void sliding_window::add(monotonic_time now, bool failed, bool slow) {
  const call_counts one{.calls = 1, .failures = failed ? 1U : 0U, .slow = slow ? 1U : 0U};
  // Time is the caller's and may stand still, but a slot's beginning never moves back.
  const bool same_slot =
      by_time() && !entries_.empty() && now - entries_.back().at < length_ / slots;
  if (same_slot) {
    entries_.back().counts += one;
  } else {
    entries_.push_back({now, one});
  }
  forget(now);
}

call_counts sliding_window::total(monotonic_time now) const {
  call_counts all;
  for (const auto& item : entries_) {
    if (!by_time() || now - item.at < length_) all += item.counts;
  }
  return all;
}

void sliding_window::forget(monotonic_time now) {
  if (!by_time()) {
    while (entries_.size() > calls_most_)
      entries_.pop_front();
    return;
  }
  while (!entries_.empty() && now - entries_.front().at >= length_)
    entries_.pop_front();
}

}  // namespace nine::resilience
