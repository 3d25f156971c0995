#include "ninelives/execution/content.hpp"

namespace nine::execution {

boost::json::value to_json(const content& value) {
  if (!value.blob.empty()) return boost::json::object{{"blob", value.blob}};
  return boost::json::string(value.text);
}

result<content> content_from_json(const boost::json::value& value) {
  if (const auto* text = value.if_string()) return content{std::string(*text), {}};
  if (const auto* object = value.if_object()) {
    if (const auto* blob = object->if_contains("blob"); blob && blob->is_string()) {
      return content{{}, std::string(blob->get_string())};
    }
  }
  return fail(error_code::corrupted, "a content is neither a text nor the name of a blob");
}

}  // namespace nine::execution
