#pragma once

#include <fmt/format.h>
#include <cstdint>

#include "ninelives/configuration/nearest.hpp"
#include "ninelives/configuration/schema.hpp"
#include "ninelives/configuration/settings.hpp"

/// The kinds of values nine.yaml has.
namespace nine::configuration {

constexpr std::size_t text_bytes_most = 64 * 1024;
constexpr std::size_t list_items_most = 256;

/// The text of a scalar; null after refusing anything else. `expected` is "a duration such as 30s".
const std::string* expect_text(reader& in, const node& from, std::string_view expected);

codec<std::string> text();
codec<std::string> variable_name();
codec<std::string> variable_pattern();
codec<std::string> url();
codec<std::string> relative_path();
/// Whether the text names something below the directory it is joined to.
bool is_relative_path(std::string_view text);
codec<std::string> name_in(std::string section);
codec<duration> time_span(duration least, duration most);
codec<bytes> size(bytes least, bytes most);
codec<std::uint32_t> whole_number(std::uint32_t least, std::uint32_t most);
codec<double> number(double least, double most);
codec<std::map<std::string, std::string>> variables();
codec<command_line> command();
codec<result_source> result_from();
codec<validation> validation_rule();

/// One word out of a few, such as jitter: full.
template <class Choice>
codec<Choice> one_of(std::vector<std::pair<std::string, Choice>> choices) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choices)
    names.push_back(name);
  const auto read = [choices, names](reader& in, const node& from, Choice& to) {
    const auto* given = expect_text(in, from, "one of its words");
    if (given == nullptr) return;
    for (const auto& [name, value] : choices) {
      if (name == *given) {
        to = value;
        return;
      }
    }
    in.refuse(from.at, quoted(*given) + " is not known here" + suggestion(*given, names));
  };
  const auto write = [choices](const Choice& from) -> boost::json::value {
    for (const auto& [name, value] : choices) {
      if (value == from) return boost::json::value(name);
    }
    return nullptr;
  };
  std::string range;
  for (const auto& name : names)
    range += (range.empty() ? "" : ", ") + name;
  return {.type = "word", .range = range, .read = read, .write = write};
}

template <class Value>
codec<std::optional<Value>> maybe(codec<Value> how) {
  const auto read = [inner = how.read](reader& in, const node& from, std::optional<Value>& to) {
    const auto refusals = in.refusals();
    Value value{};
    inner(in, from, value);
    if (in.refusals() == refusals) to = std::move(value);
  };
  const auto write = [inner = how.write](const std::optional<Value>& from) -> boost::json::value {
    return from ? inner(*from) : boost::json::value(nullptr);
  };
  return {.type = how.type, .range = how.range, .read = read, .write = write};
}

template <class Value>
codec<std::vector<Value>> list_of(codec<Value> how) {
  const auto read = [how](reader& in, const node& from, std::vector<Value>& to) {
    if (from.what != node::kind::sequence) {
      in.refuse(from.at, "a list is expected here, such as [first, second], or [] for none");
      return;
    }
    if (from.items.size() > list_items_most) {
      in.refuse(from.at,
                fmt::format("{} items; at most {} are taken", from.items.size(), list_items_most));
      return;
    }
    std::vector<Value> made(from.items.size());
    for (std::size_t i = 0; i < made.size(); ++i)
      how.read(in, *from.items[i], made[i]);
    to = std::move(made);
  };
  const auto write = [how](const std::vector<Value>& from) -> boost::json::value {
    boost::json::array out;
    for (const auto& item : from)
      out.push_back(how.write(item));
    return out;
  };
  return {.type = "list of " + how.type, .range = how.range, .read = read, .write = write};
}

}  // namespace nine::configuration
