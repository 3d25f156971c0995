#pragma once
// Compares what the program answers with what api/openapi.yaml says of it: all of it and nothing
// else.

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace nine::control {

using names = std::set<std::string>;

inline const YAML::Node& description() {
  static const auto file = YAML::LoadFile(std::string(NINE_SOURCE_DIRECTORY) + "/api/openapi.yaml");
  return file;
}

inline YAML::Node schema(const std::string& name) {
  const auto found = description()["components"]["schemas"][name];
  EXPECT_TRUE(found) << name;
  return found;
}

/// "Task" of {$ref: "#/components/schemas/Task"}; empty when there is no reference.
inline std::string referred_by(const YAML::Node& node) {
  const auto reference = node["$ref"].as<std::string>("");
  return reference.substr(reference.rfind('/') + 1);
}

/// The schemas that hold for the same value: itself, what it refers to, what it is made of.
inline std::vector<YAML::Node> parts_of(const YAML::Node& described) {
  std::vector<YAML::Node> parts{described};
  if (const auto name = referred_by(described); !name.empty()) {
    const auto more = parts_of(schema(name));
    parts.insert(parts.end(), more.begin(), more.end());
  }
  for (const auto& part : described["allOf"]) {
    const auto more = parts_of(part);
    parts.insert(parts.end(), more.begin(), more.end());
  }
  return parts;
}

/// Whether a value of this kind may stand where `described` is. No type: any.
inline bool fits(const YAML::Node& described, const boost::json::value& given) {
  if (const auto choices = described["enum"]) {
    for (const auto& choice : choices)
      if (given.is_string() && choice.as<std::string>() == given.get_string()) return true;
    return false;
  }
  const auto type = described["type"];
  if (!type) return true;
  const std::map<std::string, bool> kinds{
      {"string", given.is_string()}, {"integer", given.is_int64() || given.is_uint64()},
      {"boolean", given.is_bool()},  {"array", given.is_array()},
      {"object", given.is_object()}, {"null", given.is_null()}};
  if (type.IsScalar()) return kinds.at(type.as<std::string>());
  return std::ranges::any_of(
      type, [&](const auto& one) { return kinds.at(one.template as<std::string>()); });
}

void compare(const YAML::Node& described, const boost::json::value& given, const std::string& where,
             names& differences);

inline void compare_object(const std::vector<YAML::Node>& parts, const boost::json::object& given,
                           const std::string& where, names& differences) {
  names known;
  bool open = true;  // without properties anything may be in it
  for (const auto& part : parts) {
    for (const auto& name : part["required"]) {
      if (!given.contains(name.as<std::string>()))
        differences.insert(where + " lacks " + name.as<std::string>());
    }
    for (const auto& property : part["properties"]) {
      open = false;
      const auto name = property.first.as<std::string>();
      known.insert(name);
      if (const auto* value = given.if_contains(name))
        compare(property.second, *value, where + "." + name, differences);
    }
  }
  for (const auto& [name, value] : given) {
    if (!open && !known.contains(std::string(name)))
      differences.insert(where + " has " + std::string(name));
  }
}

inline void compare(const YAML::Node& described, const boost::json::value& given,
                    const std::string& where, names& differences) {
  const auto parts = parts_of(described);
  for (const auto& part : parts) {
    if (!fits(part, given)) differences.insert(where + " is " + boost::json::serialize(given));
    const auto* list = given.if_array();
    const auto items = part["items"];
    const bool shows_objects = items && (items["properties"] || items["$ref"]);
    if (list && shows_objects && list->empty()) differences.insert(where + " shows nothing");
    for (const auto& item : list&& items ? *list : boost::json::array())
      compare(items, item, where + "[]", differences);
  }
  if (const auto* object = given.if_object()) compare_object(parts, *object, where, differences);
}

/// What this request answers, and what the description says of it.
inline names differences_of(const std::string& method, const std::string& path,
                            const boost::json::value& given) {
  names differences;
  const auto answers = description()["paths"][path][method]["responses"]["200"];
  const auto described = answers["content"]["application/json"]["schema"];
  EXPECT_TRUE(described) << method << " " << path;
  compare(described, given, path, differences);
  return differences;
}

}  // namespace nine::control
