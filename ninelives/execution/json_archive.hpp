#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ninelives/base/fields_of.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/base/strong_id.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/environment/exit_status.hpp"

/// One description of a struct's fields serves writing and reading:
///
///   template <class Archive>
///   void fields(Archive& archive, fields_of<rung_skipped> auto& value) {
///     archive("rung", value.rung);
///     archive("agent", value.agent);
///   }
///
/// Types that are no plain values bring free functions to_json(value) and, for reading, an overload
/// `result<void> read_json(const boost::json::value&, T&)`; both are found by argument-dependent
/// lookup.
namespace nine::execution {

inline boost::json::value json_of(bool value) {
  return value;
}
inline boost::json::value json_of(int value) {
  return value;
}
inline boost::json::value json_of(std::int64_t value) {
  return value;
}
inline boost::json::value json_of(std::uint64_t value) {
  return value;
}
inline boost::json::value json_of(const std::string& value) {
  return boost::json::string(value);
}
inline boost::json::value json_of(duration value) {
  return to_milliseconds(value);
}
inline boost::json::value json_of(const environment::exit_status& value) {
  switch (value.how) {
    case environment::exit_status::kind::exited:
      return {{"code", value.value}};
    case environment::exit_status::kind::signalled:
      return {{"signal", value.value}};
    case environment::exit_status::kind::unknown:
      break;
  }
  return boost::json::object{};
}
template <class Tag>
boost::json::value json_of(strong_id<Tag> value) {
  return value.value();
}
template <class T>
  requires requires(const T& value) { to_json(value); }
boost::json::value json_of(const T& value) {
  return to_json(value);
}
template <class T>
boost::json::value json_of(const std::vector<T>& values) {
  boost::json::array array;
  for (const auto& value : values)
    array.push_back(json_of(value));
  return array;
}

inline std::unexpected<error> wrong_type(std::string_view expected) {
  return fail(error_code::corrupted, "expected " + std::string(expected));
}

inline result<void> read_json(const boost::json::value& json, bool& value) {
  if (!json.is_bool()) return wrong_type("true or false");
  value = json.get_bool();
  return {};
}
template <class Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
result<void> read_json(const boost::json::value& json, Integer& value) {
  boost::json::error_code problem;
  value = json.to_number<Integer>(problem);
  if (problem) return wrong_type("a whole number");
  return {};
}
inline result<void> read_json(const boost::json::value& json, std::string& value) {
  if (!json.is_string()) return wrong_type("a text");
  value = std::string(json.get_string());
  return {};
}
inline result<void> read_json(const boost::json::value& json, duration& value) {
  std::int64_t milliseconds = 0;
  NINE_TRY(read_json(json, milliseconds));
  value = std::chrono::milliseconds(milliseconds);
  return {};
}
inline result<void> read_json(const boost::json::value& json, environment::exit_status& value) {
  if (!json.is_object()) return wrong_type("an exit status");
  value = {};
  const auto& object = json.get_object();
  if (const auto* code = object.if_contains("code")) {
    value.how = environment::exit_status::kind::exited;
    return read_json(*code, value.value);
  }
  if (const auto* signal = object.if_contains("signal")) {
    value.how = environment::exit_status::kind::signalled;
    return read_json(*signal, value.value);
  }
  return {};
}
template <class Tag>
result<void> read_json(const boost::json::value& json, strong_id<Tag>& value) {
  std::int64_t number = 0;
  NINE_TRY(read_json(json, number));
  value = strong_id<Tag>(number);
  return {};
}
template <class T>
result<void> read_json(const boost::json::value& json, std::vector<T>& values) {
  if (!json.is_array()) return wrong_type("a list");
  values.clear();
  for (const auto& item : json.get_array()) {
    T value{};
    NINE_TRY(read_json(item, value));
    values.push_back(std::move(value));
  }
  return {};
}

class json_writer {
 public:
  template <class T>
  void operator()(std::string_view name, const T& value) {
    object_[name] = json_of(value);
  }
  boost::json::object take() { return std::move(object_); }

 private:
  boost::json::object object_;
};

/// Keeps the first problem and reads no further. Fields that are absent keep their defaults: facts
/// written before a field existed stay readable.
class json_reader {
 public:
  explicit json_reader(const boost::json::object& object) : object_(object) {}

  template <class T>
  void operator()(std::string_view name, T& value) {
    const auto* found = object_.if_contains(name);
    if (!outcome_ || !found) return;
    outcome_ = read_json(*found, value);
    if (!outcome_) outcome_ = with_context(name, std::move(outcome_).error());
  }
  result<void> finish() { return std::move(outcome_); }

 private:
  const boost::json::object& object_;
  result<void> outcome_;
};

template <class T>
boost::json::object write_fields(const T& value) {
  json_writer writer;
  fields(writer, value);
  return writer.take();
}

template <class T>
result<void> read_fields(const boost::json::value& json, T& value) {
  if (!json.is_object()) return wrong_type("an object");
  json_reader reader(json.get_object());
  fields(reader, value);
  return reader.finish();
}

}  // namespace nine::execution
