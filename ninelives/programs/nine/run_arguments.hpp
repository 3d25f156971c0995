#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/command_line/run_command.hpp"

namespace nine::programs {

/// The words of `nine run`, as they were given.
struct run_arguments {
  command_line::run_request request;
  std::string timeout;
  std::string attempt_timeout;
  std::string input;
  std::int64_t retries = -1;
  std::vector<std::string> variables;
};

/// The request they make, with what has to be read and looked up for it. Error: invalid_argument.
result<command_line::run_request> complete(run_arguments given,
                                           std::vector<std::string> agent_command);

}  // namespace nine::programs
