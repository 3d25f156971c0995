#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment {

/// A stream socket that is closed on exec and does not block.
result<system::descriptor> open_socket(int family);

/// The same for Asio; closed when it cannot be watched.
result<boost::asio::generic::stream_protocol::socket> adopt_socket(
    const boost::asio::any_io_executor& executor, system::descriptor opened, int family);

}  // namespace nine::environment
