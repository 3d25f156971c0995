#include "simulation/environment/simulated_clock.hpp"

#include <algorithm>

namespace nine::simulation {
namespace {

/// Far enough to mean never; keeps sums of time points from overflowing.
constexpr duration sleep_most = std::chrono::hours(24 * 365);

/// Takes the timer back when the sleep ended early, or its coroutine was destroyed.
class timer_guard {
 public:
  timer_guard(scheduler& owner, scheduler::timer mine) : owner_(owner), timer_(mine) {}
  timer_guard(const timer_guard&) = delete;
  timer_guard& operator=(const timer_guard&) = delete;
  ~timer_guard() { owner_.cancel(timer_); }

 private:
  scheduler& owner_;
  scheduler::timer timer_;
};

}  // namespace

boost::asio::awaitable<void> simulated_clock::sleep_until(monotonic_time deadline) {
  scheduler& owner = scheduler_;
  lane& mine = lane_;
  const auto latest = std::clamp(deadline, time_.now(), time_.now() + sleep_most);
  const ticket me = mine.new_ticket();
  const timer_guard alarm(
      owner, owner.run_at(mine, time_.scheduled(latest), [&mine, me] { mine.wake(me); }));
  co_await mine.park(me);
}

}  // namespace nine::simulation
