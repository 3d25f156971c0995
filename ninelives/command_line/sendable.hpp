#pragma once

#include "ninelives/base/result.hpp"
#include "ninelives/command_line/run_command.hpp"

namespace nine::command_line {

/// Makes of a request one that JSON can carry, which is UTF-8 only: variables with other bytes stay
/// behind (agents get a small part of the environment anyway). Error: invalid_argument, for text
/// that matters, with what to do.
result<void> make_sendable(run_request& request);

}  // namespace nine::command_line
