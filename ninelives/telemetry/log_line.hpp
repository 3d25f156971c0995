#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ninelives/base/time.hpp"
#include "ninelives/telemetry/logger.hpp"

namespace nine::telemetry {

/// All that a line says.
struct log_entry {
  wall_time at;
  level how = level::info;
  std::string_view event;
  std::string_view message;
  const log_identity& identity;
  field_list fields;
  std::uint64_t dropped_before = 0;
};

/// The line without its end: valid UTF-8, no control characters, no secrets, at most
/// log_line_bytes_most bytes.
std::string to_line(const log_entry& entry, log_format format, const redactor& secrets);

/// RFC 3339 in UTC with milliseconds: 2026-11-22T05:18:54.123Z; years 0 to 9999.
std::string to_rfc3339(wall_time at);

}  // namespace nine::telemetry
