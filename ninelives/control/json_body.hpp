#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"

namespace nine::control {

/// The JSON object of a request, read field by field. The first thing that is wrong is kept and
/// told by finish(); so are fields nobody asked for, with the name they may have meant.
class json_body {
 public:
  /// Error: invalid_argument, when the text is no JSON object (nested 32 deep at most).
  static result<json_body> parse(std::string_view text);

  std::string text(std::string_view name);
  std::string required_text(std::string_view name);
  std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                      std::int64_t most);
  bool flag(std::string_view name, bool otherwise);
  std::vector<std::string> texts(std::string_view name);
  std::map<std::string, std::string> text_map(std::string_view name);
  bool has(std::string_view name) const { return object_.if_contains(name) != nullptr; }

  /// Error: invalid_argument, with the field and what would be right.
  result<void> finish();

 private:
  const boost::json::value* take(std::string_view name);
  void refuse(std::string_view name, std::string_view expected);

  boost::json::object object_;
  std::vector<std::string> asked_;
  result<void> outcome_;
};

}  // namespace nine::control
