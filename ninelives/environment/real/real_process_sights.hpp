#pragma once

#include "ninelives/environment/process_sight.hpp"

namespace nine::environment {

/// A look_at_processes at this machine. Error: io_error.
result<std::vector<process_sight>> see_processes(const std::vector<std::string>& prefixes);

}  // namespace nine::environment
