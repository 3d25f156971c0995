#pragma once

#include <chrono>
#include <cstdint>

namespace nine {

using duration = std::chrono::nanoseconds;
using std::chrono_literals::operator""ns;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;

/// Time that never jumps, for deadlines and ages. It has no now(): only environment::clock knows
/// the time. It does not outlive a boot; what must survive one is stored as wall time.
struct monotonic_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<monotonic_clock>;
  static constexpr bool is_steady = true;
};
using monotonic_time = monotonic_clock::time_point;

/// Time of day, nanoseconds since 1970-01-01 UTC; may jump. For people and for what must survive a
/// reboot.
struct wall_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<wall_clock>;
  static constexpr bool is_steady = false;
};
using wall_time = wall_clock::time_point;

template <class Time>
constexpr std::int64_t to_milliseconds(Time value) {
  if constexpr (requires { value.time_since_epoch(); }) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(value.time_since_epoch()).count();
  } else {
    return std::chrono::duration_cast<std::chrono::milliseconds>(value).count();
  }
}

constexpr wall_time wall_time_from_milliseconds(std::int64_t milliseconds) {
  return wall_time(std::chrono::milliseconds(milliseconds));
}

}  // namespace nine
