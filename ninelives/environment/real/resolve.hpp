#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "ninelives/base/result.hpp"

namespace nine::environment {

/// The addresses of a host (a name or an IP literal), in the order the system prefers; never empty.
/// Cancellation ends it at once: the look-up itself cannot be stopped, its answer is dropped.
boost::asio::awaitable<result<std::vector<boost::asio::generic::stream_protocol::endpoint>>>
resolve(std::string host, std::uint16_t port);

}  // namespace nine::environment
