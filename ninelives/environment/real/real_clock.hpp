#pragma once

#include "ninelives/environment/clock.hpp"

namespace nine::environment {

/// CLOCK_MONOTONIC and CLOCK_REALTIME. Sleeps are Asio timers on the calling coroutine's executor.
class real_clock final : public clock {
 public:
  monotonic_time now() const override;
  wall_time wall_now() const override;
  boost::asio::awaitable<void> sleep_until(monotonic_time deadline) override;
};

}  // namespace nine::environment
