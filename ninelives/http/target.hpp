#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ninelives/base/result.hpp"

namespace nine::http {

/// Turns %XX into bytes; nullopt when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// The reverse, leaving only letters, digits and "-._~" as they are.
std::string percent_encode(std::string_view text);

/// A request target in origin form, "/v1/tasks/t7?after=3", taken apart and decoded. The segments
/// are decoded one by one, so that an encoded '/' stays inside its segment.
struct target {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;

  /// The first value of a query parameter.
  std::optional<std::string_view> find(std::string_view name) const;
};

/// Error: invalid_argument.
result<target> parse_target(std::string_view text);

/// The non-empty parts of a path between its slashes, as they stand.
std::vector<std::string_view> split_path(std::string_view path);

}  // namespace nine::http
