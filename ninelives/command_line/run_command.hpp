#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ninelives/command_line/control_client.hpp"
#include "ninelives/command_line/terminal.hpp"
#include "ninelives/environment/termination.hpp"

namespace nine::command_line {

/// What `nine run` was told.
struct run_request {
  std::string text;
  std::string agent;
  std::vector<std::string> command;  ///< after "--"
  std::vector<std::string> gates;
  std::vector<std::string> pass;  ///< names of further variables for the agent
  std::map<std::string, std::string> environment;
  std::string directory;
  std::string input;
  std::string prompt;       ///< "argument", "stdin", "file"; empty: as the agent says
  std::string result_from;  ///< "stdout", "exit_code"; empty: as the agent says
  std::string result_file;
  std::optional<std::int64_t> timeout_ms;
  std::optional<std::int64_t> attempt_timeout_ms;
  std::optional<std::int64_t> retries;
  bool detach = false;
};

/// The seams of a command that waits for a person.
struct run_seams {
  environment::clock& clock;
  environment::random& random;
  environment::termination& termination;
};

/// The `key` of a request that must not take effect twice, however often it has to be sent.
std::string random_key(environment::random& random);

/// Gives the task, waits for its end through whatever happens to the home, and prints the result.
/// The first Ctrl-C detaches, a second within two seconds cancels; before the core has answered,
/// one is enough to leave. The result is the exit code.
boost::asio::awaitable<int> run(control_client& client, terminal& terminal, run_seams seams,
                                run_request request);

/// Waits for a task given before: `nine task wait ID`.
boost::asio::awaitable<int> wait_for_task(control_client& client, terminal& terminal,
                                          run_seams seams, std::string task);

/// Prints a task's end as `run` does; returns its exit code.
int print_end(terminal& terminal, const boost::json::object& task);

}  // namespace nine::command_line
