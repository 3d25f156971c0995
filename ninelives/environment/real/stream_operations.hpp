#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <span>
#include <string_view>

#include "ninelives/base/assert.hpp"
#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {

// Reading and writing as environment::stream promises, for any Asio stream. The coroutines hold the
// stream themselves: its owner may be gone when a closed operation ends.

template <class AsioStream>
boost::asio::awaitable<result<std::size_t>> read_some_from(std::shared_ptr<AsioStream> source,
                                                           std::span<char> buffer) {
  NINE_ASSERT(!buffer.empty());
  constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
  const auto target = boost::asio::buffer(buffer.data(), buffer.size());
  const auto [problem, count] = co_await source->async_read_some(target, token);
  if (!problem) co_return count;
  throw_if_cancelled(co_await boost::asio::this_coro::cancellation_state);
  if (problem == boost::asio::error::eof) co_return std::size_t{0};
  co_return system_failure(problem, "read");
}

template <class AsioStream>
boost::asio::awaitable<result<void>> write_all_to(std::shared_ptr<AsioStream> target,
                                                  std::string_view data) {
  constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
  const auto source = boost::asio::buffer(data.data(), data.size());
  const auto [problem, count] = co_await boost::asio::async_write(*target, source, token);
  if (!problem) co_return result<void>();
  throw_if_cancelled(co_await boost::asio::this_coro::cancellation_state);
  co_return system_failure(problem, "write");
}

}  // namespace nine::environment
