#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string>

#include "ninelives/command_line/control_client.hpp"
#include "ninelives/command_line/terminal.hpp"

namespace nine::command_line {

using renderer = std::function<std::string(const boost::json::object&)>;

/// Tells what went wrong, on one line; the result is the exit code.
int refuse(terminal& terminal, const error& problem);

/// From now on a call that has to wait for the core says so, and why, on the terminal.
void tell_waiting(control_client& client, terminal& terminal);

/// Asks the core, patiently, and prints its answer: as JSON, or as `render` makes it.
boost::asio::awaitable<int> show(control_client& client, terminal& terminal, std::string target,
                                 renderer render);

/// A call that changes something, and prints the answer.
boost::asio::awaitable<int> change(control_client& client, terminal& terminal, std::string target,
                                   std::string body, renderer render);

/// `nine status`: also of a home that is stopped or was never started, without starting it.
boost::asio::awaitable<int> show_status(control_client& client, terminal& terminal,
                                        client_seams seams, const home::home_layout& layout,
                                        renderer render);

/// `nine up`: the home is to run from now on.
boost::asio::awaitable<int> up(control_client& client, terminal& terminal, client_seams seams,
                               const home::home_layout& layout);

/// `nine down`: everything stops in order and stays so; returns when the core and the guard are
/// gone.
boost::asio::awaitable<int> down(control_client& client, terminal& terminal, client_seams seams,
                                 const home::home_layout& layout, std::string reason);

/// `nine events [--follow] [--task ID]`: a line per fact, those that are there or those that come;
/// goes on where it was through restarts of the core. An empty task is every task.
boost::asio::awaitable<int> events(control_client& client, terminal& terminal, std::string task,
                                   bool follow);

}  // namespace nine::command_line
