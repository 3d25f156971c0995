#pragma once

#include <boost/asio/awaitable.hpp>

#include "ninelives/command_line/control_client.hpp"
#include "ninelives/command_line/terminal.hpp"

namespace nine::command_line {

/// `nine doctor`: looks at the home from outside and at the core from inside; every finding says
/// what is wrong and how to mend it. Starts nothing. The exit code is 0 when nothing is wrong.
boost::asio::awaitable<int> doctor(control_client& client, terminal& terminal, client_seams seams,
                                   const home::home_layout& layout);

}  // namespace nine::command_line
