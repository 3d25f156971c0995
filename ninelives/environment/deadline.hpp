#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/system/system_error.hpp>
#include <string>
#include <utility>
#include <variant>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/clock.hpp"

namespace nine::environment {

/// Later than `from` by `wait`, without overflow: duration::max() means never.
constexpr monotonic_time after(monotonic_time from, duration wait) {
  return wait > monotonic_time::max() - from ? monotonic_time::max() : from + wait;
}

/// The operation's outcome, or timed_out with this text when it has not ended by the deadline; then
/// it was cancelled and waited for. Cancellation from outside leaves as operation_aborted.
template <class T>
boost::asio::awaitable<result<T>> until(clock& time, monotonic_time deadline,
                                        boost::asio::awaitable<result<T>> operation,
                                        std::string late) {
  using namespace boost::asio::experimental::awaitable_operators;
  try {
    auto sleep = time.sleep_until(deadline);
    auto outcome = co_await (std::move(operation) || std::move(sleep));
    if (outcome.index() == 0) co_return std::get<0>(std::move(outcome));
  } catch (const boost::asio::multiple_exceptions&) {
    // Both sides of the race were cancelled.
    throw boost::system::system_error(boost::asio::error::operation_aborted);
  }
  co_return fail(error_code::timed_out, std::move(late));
}

}  // namespace nine::environment
