#pragma once

#include <string_view>

#include "ninelives/base/result.hpp"

namespace nine::telemetry {

enum class level {
  debug,    ///< for finding a defect
  info,     ///< what happened, as planned
  warning,  ///< went wrong and was handled, or works with less
  error,    ///< went wrong; somebody has to look
};

std::string_view to_string(level value) noexcept;

/// Error: invalid_argument, naming the levels there are.
result<level> parse_level(std::string_view text);

}  // namespace nine::telemetry
