#pragma once

#include "ninelives/environment/async_event.hpp"
#include "ninelives/environment/clock.hpp"

namespace nine::environment {

/// A clock that stands still until a test moves it. Thread: one executor.
class manual_clock final : public clock {
 public:
  monotonic_time now() const override { return now_; }
  wall_time wall_now() const override { return wall_now_; }

  boost::asio::awaitable<void> sleep_until(monotonic_time deadline) override {
    while (now_ < deadline)
      co_await moved_.wait();
  }

  /// Wakes whose deadline has come; they run when the executor does.
  void advance(duration by) {
    now_ += by;
    wall_now_ += by;
    moved_.notify_all();
  }

  bool has_sleepers() const { return moved_.has_waiters(); }

 private:
  monotonic_time now_{1000s};
  wall_time wall_now_ = wall_time_from_milliseconds(1'800'000'000'000);
  async_event moved_;
};

}  // namespace nine::environment
