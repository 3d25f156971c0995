#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "ninelives/command_line/control_client.hpp"
#include "ninelives/command_line/terminal.hpp"

namespace nine::command_line {

/// `nine logs [--core] [--guard]`: the logs of the home's own processes. Read from their files, not
/// asked from the core: they matter most when the core does not answer.
struct home_log_request {
  std::vector<std::filesystem::path> files;
  std::size_t lines = 100;  ///< of the past, at most
  bool follow = false;      ///< goes on until the process is ended
};
boost::asio::awaitable<int> home_logs(terminal& terminal, client_seams seams,
                                      home_log_request request);

/// `nine logs ID`: what the task's agents and gates printed in their last lives; with `follow` what
/// they print, until the task has ended: piece by piece, as JSON an object a piece.
boost::asio::awaitable<int> task_logs(control_client& client, terminal& terminal,
                                      client_seams seams, std::string id, bool follow);

}  // namespace nine::command_line
