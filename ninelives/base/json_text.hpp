#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace nine {

/// The text under this name; empty when there is none, or something else.
inline std::string text_in(const boost::json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

}  // namespace nine
