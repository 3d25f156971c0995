#include "ninelives/telemetry/level.hpp"

#include <array>
#include <string>

#include "ninelives/base/utf8.hpp"

namespace nine::telemetry {
namespace {

constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};

}  // namespace

std::string_view to_string(level value) noexcept {
  return names[static_cast<std::size_t>(value)];
}

result<level> parse_level(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<level>(i);
  }
  return fail(error_code::invalid_argument, "'" + std::string(utf8_prefix(text, 64)) +
                                                "' is no log level; there are debug, info, "
                                                "warning and error");
}

}  // namespace nine::telemetry
