#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ninelives/base/time.hpp"
#include "ninelives/base/units.hpp"

namespace nine::configuration {

/// Reads "500ms", "30s", "5m", "1h", "7d", and "0". Empty when it is none of these or out of range.
std::optional<duration> parse_duration(std::string_view text);

/// The shortest text that reads back as the same duration (whole milliseconds): "90s", "2m", "0s".
std::string format_duration(duration value);

/// Reads "512B", "64KiB", "16MiB", "2GiB", and "0".
std::optional<bytes> parse_size(std::string_view text);

/// The shortest text that reads back as the same size: "16MiB".
std::string format_size(bytes value);

}  // namespace nine::configuration
