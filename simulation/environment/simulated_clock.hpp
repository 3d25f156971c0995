#pragma once

#include <boost/asio/awaitable.hpp>

#include "ninelives/environment/clock.hpp"
#include "simulation/scheduler/lane.hpp"
#include "simulation/scheduler/scheduler.hpp"

namespace nine::simulation {

/// A machine's clocks: monotonic time since its last boot, and a wall clock that can be made to
/// jump. Both run on the scheduler's virtual time.
class machine_time {
 public:
  explicit machine_time(scheduler& owner) : scheduler_(owner), booted_(owner.now()) {}

  monotonic_time now() const { return monotonic_time(scheduler_.now() - booted_ + 100s); }
  wall_time wall_now() const {
    return wall_time(scheduler_.now().time_since_epoch() + wall_offset_);
  }
  void jump_wall(duration by) { wall_offset_ += by; }
  void reboot() { booted_ = scheduler_.now(); }

  /// When, on the scheduler's clock, this machine's monotonic clock shows `when`.
  monotonic_time scheduled(monotonic_time when) const { return scheduler_.now() + (when - now()); }

 private:
  scheduler& scheduler_;
  monotonic_time booted_;
  duration wall_offset_ = std::chrono::hours(24 * 365 * 56);
};

class simulated_clock final : public environment::clock {
 public:
  simulated_clock(scheduler& owner, const machine_time& time, lane& mine)
      : scheduler_(owner), time_(time), lane_(mine) {}

  monotonic_time now() const override { return time_.now(); }
  wall_time wall_now() const override { return time_.wall_now(); }
  boost::asio::awaitable<void> sleep_until(monotonic_time deadline) override;

 private:
  scheduler& scheduler_;
  const machine_time& time_;
  lane& lane_;
};

}  // namespace nine::simulation
