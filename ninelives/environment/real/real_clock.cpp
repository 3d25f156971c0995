#include "ninelives/environment/real/real_clock.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace nine::environment {

monotonic_time real_clock::now() const {
  return monotonic_time(std::chrono::steady_clock::now().time_since_epoch());
}

wall_time real_clock::wall_now() const {
  return wall_time(std::chrono::system_clock::now().time_since_epoch());
}

boost::asio::awaitable<void> real_clock::sleep_until(monotonic_time deadline) {
  // The subtraction inside Asio must not overflow for a deadline of the distant past.
  const auto since_boot = std::max(deadline.time_since_epoch(), duration::zero());
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                  std::chrono::steady_clock::time_point(since_boot));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace nine::environment
