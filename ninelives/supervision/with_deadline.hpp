#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <string>
#include <utility>
#include <variant>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/clock.hpp"

namespace nine::supervision {

/// The outcome of `work`, or timed_out with `what` when the deadline comes first; then the work is
/// cancelled and waited for.
template <class T>
boost::asio::awaitable<result<T>> with_deadline(environment::clock& clock, monotonic_time deadline,
                                                boost::asio::awaitable<result<T>> work,
                                                std::string what) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto alarm = clock.sleep_until(deadline);
  auto first = std::move(work) || std::move(alarm);
  auto outcome = co_await std::move(first);
  if (auto* done = std::get_if<0>(&outcome)) co_return std::move(*done);
  co_return fail(error_code::timed_out, std::move(what));
}

}  // namespace nine::supervision
