#pragma once

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ninelives/configuration/reader.hpp"
#include "ninelives/configuration/settings.hpp"

/// The machinery of the schema: a `codec` reads, checks and writes one kind of value; a `field` is
/// one key; a `schema` is the table of a map's keys. Parsing, validation, defaults, JSON and
/// docs/configuration.md all come from the tables in schema_tables.cpp.
namespace nine::configuration {

/// One line of a table in docs/configuration.md.
struct documentation_row {
  std::string key;
  std::string type;
  std::string default_text;
  std::string range;
  std::string sentence;
};

/// How one kind of value is read from a document and written as JSON.
template <class Value>
struct codec {
  std::string type;   ///< for the documentation, such as "duration"
  std::string range;  ///< for the documentation, such as "1ms to 1h"; may be empty

  /// Sets the value, or refuses and leaves it as it was. A map of keys changes only those given.
  std::function<void(reader&, const node&, Value&)> read;

  /// A null is left out of the JSON object that holds it.
  std::function<boost::json::value(const Value&)> write;

  /// The keys below, when the value is a map with a schema; else unset.
  std::function<std::vector<documentation_row>(const Value&)> rows = nullptr;
};

/// One key of a map that is kept in a `Map`.
template <class Map>
struct field {
  std::string name;
  std::string type;
  std::string sentence;  ///< what the key means
  bool required = false;
  std::function<void(reader&, const node&, Map&)> read;
  std::function<boost::json::value(const Map&)> write;
  std::function<std::vector<documentation_row>(const Map&)> rows;
};

template <class Map>
struct schema {
  std::vector<field<Map>> fields;
  std::map<std::string, std::string> refused = {};  ///< keys that deserve an answer of their own
  /// What no single key can tell; called when the keys by themselves are right.
  std::function<void(reader&, const node&, const Map&)> check = nullptr;
};

/// The one table of `Map`.
template <class Map>
const schema<Map>& schema_of();

// Defined in schema_tables.cpp.
template <>
const schema<environment_rules>& schema_of();
template <>
const schema<agent>& schema_of();
template <>
const schema<model>& schema_of();
template <>
const schema<task_input>& schema_of();
template <>
const schema<task_type>& schema_of();
template <>
const schema<task_defaults>& schema_of();
template <>
const schema<limits>& schema_of();
template <>
const schema<restart_delay>& schema_of();
template <>
const schema<crash_loop>& schema_of();
template <>
const schema<supervision>& schema_of();
template <>
const schema<watchdog>& schema_of();
template <>
const schema<journal>& schema_of();
template <>
const schema<log>& schema_of();
template <>
const schema<settings>& schema_of();

enum class presence { optional, required };

/// "7", "full", "[HOME, PATH]" as the documentation shows a default.
std::string show_default(const boost::json::value& value);

template <class Map, class Value>
field<Map> key(std::string name, Value Map::* member, codec<Value> how, std::string sentence,
               presence needed = presence::optional) {
  field<Map> made{
      .name = name, .type = how.type, .sentence = sentence, .read = {}, .write = {}, .rows = {}};
  made.required = needed == presence::required;
  made.read = [member, inner = how.read](reader& in, const node& from, Map& to) {
    inner(in, from, to.*member);
  };
  made.write = [member, inner = how.write](const Map& from) { return inner(from.*member); };
  made.rows = [name, member, how, sentence, needed](const Map& defaults) {
    std::vector<documentation_row> rows;
    if (!how.rows) {
      auto shown =
          needed == presence::required ? "required" : show_default(how.write(defaults.*member));
      rows.push_back({name, how.type, std::move(shown), how.range, sentence});
      return rows;
    }
    rows = how.rows(defaults.*member);
    for (auto& row : rows)
      row.key = name + "." + row.key;
    return rows;
  };
  return made;
}

/// Refuses a node that is not a map, in words that name some of the keys expected.
bool expect_map(reader& in, const node& from, const std::vector<std::string>& keys);

/// Refuses an unknown key with the nearest known one, or with the answer kept for it.
void refuse_key(reader& in, const node::entry& entry, const std::vector<std::string>& keys,
                const std::map<std::string, std::string>& refused);

template <class Map>
std::vector<std::string> names_of(const schema<Map>& table) {
  std::vector<std::string> names;
  for (const auto& item : table.fields)
    names.push_back(item.name);
  return names;
}

template <class Map>
void refuse_missing(reader& in, const node& from, const schema<Map>& table) {
  for (const auto& item : table.fields) {
    if (!item.required) continue;
    bool given = false;
    for (const auto& entry : from.entries)
      given = given || entry.key == item.name;
    if (!given) in.refuse(from.at, "key '" + item.name + "' is missing; " + item.sentence);
  }
}

/// Reads the keys that are given; the others keep the value they have in `to`.
template <class Map>
void read_map(reader& in, const node& from, Map& to) {
  const auto& table = schema_of<Map>();
  const auto names = names_of(table);
  if (!expect_map(in, from, names)) return;
  const auto refusals_before = in.refusals();
  for (const auto& entry : from.entries) {
    const auto found = std::ranges::find(table.fields, entry.key, &field<Map>::name);
    if (found == table.fields.end()) {
      refuse_key(in, entry, names, table.refused);
      continue;
    }
    const auto inside = in.enter(entry.key);
    found->read(in, *entry.value, to);
  }
  refuse_missing(in, from, table);
  if (table.check && in.refusals() == refusals_before) table.check(in, from, to);
}

template <class Map>
boost::json::object write_map(const Map& from) {
  boost::json::object out;
  for (const auto& item : schema_of<Map>().fields) {
    auto value = item.write(from);
    if (!value.is_null()) out.emplace(item.name, std::move(value));
  }
  return out;
}

template <class Map>
std::vector<documentation_row> rows_of(const Map& defaults) {
  std::vector<documentation_row> all;
  for (const auto& item : schema_of<Map>().fields) {
    auto rows = item.rows(defaults);
    all.insert(all.end(), std::make_move_iterator(rows.begin()),
               std::make_move_iterator(rows.end()));
  }
  return all;
}

/// A map with keys of its own.
template <class Map>
codec<Map> section() {
  return {.type = "map",
          .range = {},
          .read = [](reader& in, const node& from, Map& to) { read_map(in, from, to); },
          .write = [](const Map& from) -> boost::json::value { return write_map(from); },
          .rows = [](const Map& defaults) { return rows_of(defaults); }};
}

/// Whether this can name an agent, a model or a task type; refuses it otherwise.
bool expect_name(reader& in, const node::entry& entry);

/// Definitions by name; one that is given replaces the one of that name whole.
template <class Definition>
codec<std::map<std::string, Definition>> definitions() {
  using map = std::map<std::string, Definition>;
  const auto read = [](reader& in, const node& from, map& to) {
    if (!expect_map(in, from, {})) return;
    for (const auto& entry : from.entries) {
      if (!expect_name(in, entry)) continue;
      const auto inside = in.enter(entry.key);
      Definition made;
      made.name = entry.key;
      read_map(in, *entry.value, made);
      to.insert_or_assign(entry.key, std::move(made));
    }
  };
  const auto write = [](const map& from) -> boost::json::value {
    boost::json::object out;
    for (const auto& [name, definition] : from)
      out.emplace(name, write_map(definition));
    return out;
  };
  return {.type = "map of NAME", .range = {}, .read = read, .write = write, .rows = [](const map&) {
            auto rows = rows_of(Definition{});
            for (auto& row : rows)
              row.key = "NAME." + row.key;
            return rows;
          }};
}

}  // namespace nine::configuration
