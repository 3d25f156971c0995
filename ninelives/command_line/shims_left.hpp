#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>

#include "ninelives/base/result.hpp"
#include "ninelives/command_line/control_client.hpp"

namespace nine::command_line {

/// Ends the agents of a home that no core can serve (its journal is damaged, or of a newer program)
/// without one: each shim that lives is asked to end its agent in order, and itself. How many there
/// were. Errors: timed_out, some are left; those of files.
boost::asio::awaitable<result<std::size_t>> end_shims_left(client_seams seams,
                                                           const home::home_layout& layout);

}  // namespace nine::command_line
