#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "ninelives/base/result.hpp"

namespace nine::execution {

/// A text of any size as facts hold it: short ones in place, long ones as the name of a blob.
struct content {
  std::string text;  ///< the text itself; empty when `blob` is set
  std::string blob;  ///< digest in the blob store; empty when the text is in place

  /// Texts up to this size stay in the fact, unless they are no UTF-8: those are kept byte for
  /// byte.
  static constexpr std::size_t inline_bytes_most = 32 * 1024;

  bool empty() const { return text.empty() && blob.empty(); }
  bool operator==(const content&) const = default;
};

/// A JSON string for a text in place, {"blob": "sha256-…"} for a blob.
boost::json::value to_json(const content& value);
/// Error: corrupted.
result<content> content_from_json(const boost::json::value& value);

}  // namespace nine::execution
