#pragma once

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <string_view>

#include "ninelives/base/result.hpp"

namespace nine::environment {

/// The kind of error an errno value stands for. Failures of the other side of a connection
/// (refused, reset, unreachable) are `unavailable`.
error_code code_of_errno(int number);

/// "context: No space left on device", with the code that fits.
std::unexpected<error> system_failure(int number, std::string_view context);

/// The same for what Asio reports. An operation that ended because its object was closed is
/// `cancelled`.
std::unexpected<error> system_failure(const boost::system::error_code& problem,
                                      std::string_view context);

/// The cancellation of a coroutine travels as the exception operation_aborted, as in Asio itself;
/// called after an operation, so that it can be told from one that ended because its object was
/// closed.
inline void throw_if_cancelled(const boost::asio::cancellation_state& state) {
  if (state.cancelled() != boost::asio::cancellation_type::none) {
    throw boost::system::system_error(boost::asio::error::operation_aborted);
  }
}

}  // namespace nine::environment
