#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "ninelives/base/ids.hpp"
#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/log_sink.hpp"
#include "ninelives/telemetry/level.hpp"
#include "ninelives/telemetry/redactor.hpp"

namespace nine::telemetry {

/// One named value of a log line; refers to its texts, so it lives no longer than the call.
struct field {
  using value_type = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  field(std::string_view key, std::convertible_to<std::string_view> auto&& text)
      : name(key), value(std::string_view(text)) {}
  field(std::string_view key, bool truth) : name(key), value(truth) {}
  field(std::string_view key, std::signed_integral auto number)
      : name(key), value(static_cast<std::int64_t>(number)) {}
  template <std::unsigned_integral Number>
    requires(!std::same_as<Number, bool>)
  field(std::string_view key, Number number)
      : name(key), value(static_cast<std::uint64_t>(number)) {}
  field(std::string_view key, double number) : name(key), value(number) {}

  std::string_view name;
  value_type value;
};
using field_list = std::initializer_list<field>;

/// Whom a line is about; the same names in every log of every process.
struct log_identity {
  std::string role{};  ///< of the process: guard, core, gateway, shim, client
  task_id task{};
  attempt_number attempt{};
  nine::epoch epoch{};
  std::string agent{};
};

enum class log_format {
  json,   ///< one object a line, for machines
  human,  ///< for a terminal
};

/// Longer lines lose fields, then the end of their message, and say "truncated": true.
constexpr std::size_t log_line_bytes_most = 16 * 1024;

/// Writes structured lines: what happened (`event`, a fixed name with underscores), in words
/// (`message`), to whom (log_identity), and further fields. Every text is redacted. A line that
/// could not be written is counted, and the next one that can be says how many are missing. A copy
/// is cheap and writes to the same sink. Thread: any. Never throws.
class logger {
 public:
  struct options {
    level least = level::info;
    log_format format = log_format::json;
    redactor secrets = {};
    /// Gets every line, too, in the form for people; what it refuses is not counted. Null: nobody.
    environment::log_sink* people = nullptr;
  };

  /// Sink and clock must outlive the logger and its copies.
  logger(environment::log_sink& sink, const environment::clock& clock, options chosen);

  /// A logger that writes nothing; for tests and for parts that are used without a log.
  logger() = default;

  /// A logger about something more specific: what is set in `more` wins over what was set before.
  logger with(const log_identity& more) const;

  void debug(std::string_view event, std::string_view message, field_list fields = {}) const {
    write(level::debug, event, message, fields);
  }
  void info(std::string_view event, std::string_view message, field_list fields = {}) const {
    write(level::info, event, message, fields);
  }
  void warning(std::string_view event, std::string_view message, field_list fields = {}) const {
    write(level::warning, event, message, fields);
  }
  void error(std::string_view event, std::string_view message, field_list fields = {}) const {
    write(level::error, event, message, fields);
  }
  void write(level how, std::string_view event, std::string_view message,
             field_list fields) const noexcept;

  bool writes(level how) const;

  /// May be changed while running; holds for all copies.
  void set_level(level least) const;

  /// How many lines were lost since the start.
  std::uint64_t dropped() const;

 private:
  struct shared_state;

  std::shared_ptr<shared_state> shared_;
  std::shared_ptr<const log_identity> identity_;
};

}  // namespace nine::telemetry
