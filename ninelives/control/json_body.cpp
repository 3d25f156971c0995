#include "ninelives/control/json_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "ninelives/configuration/nearest.hpp"

namespace nine::control {

result<json_body> json_body::parse(std::string_view text) {
  boost::json::error_code problem;
  boost::json::parse_options options;
  options.max_depth = 32;
  auto value = boost::json::parse(text, problem, {}, options);
  if (problem)
    return fail(error_code::invalid_argument, "the body is no JSON: " + problem.message());
  if (!value.is_object()) return fail(error_code::invalid_argument, "the body is no JSON object");
  json_body body;
  body.object_ = std::move(value.get_object());
  return body;
}

const boost::json::value* json_body::take(std::string_view name) {
  asked_.emplace_back(name);
  const auto* value = object_.if_contains(name);
  return value && !value->is_null() ? value : nullptr;
}

void json_body::refuse(std::string_view name, std::string_view expected) {
  if (outcome_)
    outcome_ = fail(error_code::invalid_argument, fmt::format("'{}' must be {}", name, expected));
}

std::string json_body::text(std::string_view name) {
  const auto* value = take(name);
  if (!value) return "";
  if (value->is_string()) return std::string(value->get_string());
  refuse(name, "a text");
  return "";
}

std::string json_body::required_text(std::string_view name) {
  auto value = text(name);
  if (value.empty()) refuse(name, "a text that is not empty");
  return value;
}

std::int64_t json_body::number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                               std::int64_t most) {
  const auto* value = take(name);
  if (!value) return otherwise;
  boost::json::error_code problem;
  const auto number = value->to_number<std::int64_t>(problem);
  if (!problem && number >= least && number <= most) return number;
  refuse(name, fmt::format("a whole number from {} to {}", least, most));
  return otherwise;
}

bool json_body::flag(std::string_view name, bool otherwise) {
  const auto* value = take(name);
  if (!value) return otherwise;
  if (value->is_bool()) return value->get_bool();
  refuse(name, "true or false");
  return otherwise;
}

std::vector<std::string> json_body::texts(std::string_view name) {
  std::vector<std::string> texts;
  const auto* value = take(name);
  if (!value) return texts;
  if (!value->is_array()) refuse(name, "a list of texts");
  for (const auto& item : value->is_array() ? value->get_array() : boost::json::array()) {
    if (!item.is_string())
      refuse(name, "a list of texts");
    else
      texts.emplace_back(item.get_string());
  }
  return texts;
}

std::map<std::string, std::string> json_body::text_map(std::string_view name) {
  std::map<std::string, std::string> map;
  const auto* value = take(name);
  if (!value) return map;
  if (!value->is_object()) refuse(name, "an object of texts");
  for (const auto& [key, item] : value->is_object() ? value->get_object() : boost::json::object()) {
    if (!item.is_string())
      refuse(name, "an object of texts");
    else
      map.emplace(key, item.get_string());
  }
  return map;
}

result<void> json_body::finish() {
  for (const auto& [name, value] : object_) {
    if (!outcome_) break;
    if (std::ranges::find(asked_, std::string_view(name)) != asked_.end()) continue;
    outcome_ = fail(error_code::invalid_argument,
                    fmt::format("unknown field '{}'{}", std::string_view(name),
                                configuration::suggestion(name, asked_)));
  }
  return std::move(outcome_);
}

}  // namespace nine::control
