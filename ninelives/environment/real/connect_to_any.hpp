#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <vector>

#include "ninelives/base/result.hpp"

namespace nine::environment {

/// A connection to the first of these addresses that answers, tried in their order. An address that
/// says nothing does not hide the others: the next one is begun beside it a moment later (RFC 8305,
/// section 5). When none answers: the error of the one that failed last. Cancellation ends it.
boost::asio::awaitable<result<boost::asio::generic::stream_protocol::socket>> connect_to_any(
    std::vector<boost::asio::generic::stream_protocol::endpoint> addresses);

}  // namespace nine::environment
