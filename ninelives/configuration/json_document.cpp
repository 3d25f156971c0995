#include "ninelives/configuration/json_document.hpp"

#include <fmt/format.h>

namespace nine::configuration {
namespace {

node_pointer convert(const boost::json::value& value, std::size_t depth);

bool convert_items(const boost::json::array& from, node& to, std::size_t depth) {
  to.what = node::kind::sequence;
  for (const auto& item : from) {
    to.items.push_back(convert(item, depth));
    if (!to.items.back()) return false;
  }
  return true;
}

bool convert_entries(const boost::json::object& from, node& to, std::size_t depth) {
  to.what = node::kind::map;
  for (const auto& [key, item] : from) {
    to.entries.push_back({std::string(key), {}, convert(item, depth)});
    if (!to.entries.back().value) return false;
  }
  return true;
}

/// A number as fmt writes it: the shortest text that reads back as the same number.
std::string scalar_text(const boost::json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* truth = value.if_bool()) return *truth ? "true" : "false";
  if (const auto* real = value.if_double()) return fmt::format("{}", *real);
  if (const auto* natural = value.if_uint64()) return fmt::format("{}", *natural);
  return fmt::format("{}", value.as_int64());
}

node_pointer convert(const boost::json::value& value, std::size_t depth) {
  if (depth == 0) return nullptr;
  auto made = std::make_shared<node>();
  if (const auto* list = value.if_array()) {
    if (!convert_items(*list, *made, depth - 1)) return nullptr;
  } else if (const auto* map = value.if_object()) {
    if (!convert_entries(*map, *made, depth - 1)) return nullptr;
  } else if (!value.is_null()) {
    made->what = node::kind::scalar;
    made->scalar = scalar_text(value);
  }
  return made;
}

}  // namespace

node_pointer to_node(const boost::json::value& value) {
  return convert(value, document_depth_most);
}

}  // namespace nine::configuration
