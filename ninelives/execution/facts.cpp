#include "ninelives/execution/facts.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <optional>

#include "ninelives/base/utf8.hpp"
#include "ninelives/execution/json_archive.hpp"

namespace nine::execution {
namespace {

constexpr std::array<std::string_view, 16> kinds{
    "task_accepted",       "input_captured",      "rung_skipped",      "attempt_started",
    "incarnation_started", "incarnation_running", "incarnation_ended", "step_intended",
    "step_finished",       "step_replayed",       "step_uncertain",    "attempt_ended",
    "check_ended",         "work_postponed",      "cancel_requested",  "task_ended"};
static_assert(kinds.size() == std::variant_size_v<event>);

constexpr std::array<std::string_view, 5> outcome_names{"delivered", "failed", "timed_out",
                                                        "unavailable", "cancelled"};
constexpr std::array<std::string_view, 4> status_names{"succeeded", "degraded", "failed",
                                                       "cancelled"};

/// Enumerations travel by name.
template <class Enum, std::size_t N>
result<void> read_name(const boost::json::value& json, const std::array<std::string_view, N>& names,
                       Enum& value) {
  std::string text;
  NINE_TRY(read_json(json, text));
  for (std::size_t index = 0; index < N; ++index) {
    if (names[index] == text) {
      value = static_cast<Enum>(index);
      return {};
    }
  }
  return fail(error_code::corrupted, "'" + text + "' is no known name");
}

}  // namespace

std::string_view to_string(attempt_outcome outcome) {
  return outcome_names[static_cast<std::size_t>(outcome)];
}
std::string_view to_string(task_status status) {
  return status_names[static_cast<std::size_t>(status)];
}

static boost::json::value json_of(attempt_outcome value) {
  return boost::json::string(to_string(value));
}
static boost::json::value json_of(task_status value) {
  return boost::json::string(to_string(value));
}
static boost::json::value json_of(effect value) {
  return boost::json::string(to_string(value));
}
static result<void> read_json(const boost::json::value& json, attempt_outcome& value) {
  return read_name(json, outcome_names, value);
}
static result<void> read_json(const boost::json::value& json, task_status& value) {
  return read_name(json, status_names, value);
}
static result<void> read_json(const boost::json::value& json, effect& value) {
  std::string text;
  NINE_TRY(read_json(json, text));
  NINE_TRY_ASSIGN(value, parse_effect(text));
  return {};
}
static result<void> read_json(const boost::json::value& json, content& value) {
  NINE_TRY_ASSIGN(value, content_from_json(json));
  return {};
}
static result<void> read_json(const boost::json::value& json, task_specification& value) {
  NINE_TRY_ASSIGN(value, task_specification_from_json(json));
  return {};
}

template <class Archive>
void fields(Archive& archive, fields_of<task_accepted> auto& value) {
  archive("specification", value.specification);
}
template <class Archive>
void fields(Archive& archive, fields_of<input_captured> auto& value) {
  archive("input", value.input);
}
template <class Archive>
void fields(Archive& archive, fields_of<rung_skipped> auto& value) {
  archive("rung", value.rung);
  archive("agent", value.agent);
  archive("missing", value.missing);
  archive("reason", value.reason);
}
template <class Archive>
void fields(Archive& archive, fields_of<attempt_started> auto& value) {
  archive("attempt", value.attempt);
  archive("rung", value.rung);
  archive("agent", value.agent);
  archive("feedback", value.feedback);
}
template <class Archive>
void fields(Archive& archive, fields_of<incarnation_started> auto& value) {
  archive("child", value.child);
  archive("incarnation", value.incarnation);
}
template <class Archive>
void fields(Archive& archive, fields_of<incarnation_running> auto& value) {
  archive("child", value.child);
  archive("incarnation", value.incarnation);
  archive("pid", value.process.pid);
  archive("start_time", value.process.start_time);
  archive("boot_id", value.process.boot_id);
}
template <class Archive>
void fields(Archive& archive, fields_of<incarnation_ended> auto& value) {
  archive("child", value.child);
  archive("incarnation", value.incarnation);
  archive("exit", value.exit);
  archive("asked", value.asked);
  archive("will_restart", value.will_restart);
  archive("interrupted", value.interrupted);
  archive("reason", value.reason);
  archive("cannot_run", value.cannot_run);
  archive("stdout_bytes_lost", value.stdout_bytes_lost);
}
template <class Archive>
void fields(Archive& archive, fields_of<step_intended> auto& value) {
  archive("attempt", value.attempt);
  archive("key", value.key);
  archive("effect", value.kind);
  archive("input_digest", value.input_digest);
}
template <class Archive>
void fields(Archive& archive, fields_of<step_finished> auto& value) {
  archive("attempt", value.attempt);
  archive("key", value.key);
  archive("succeeded", value.succeeded);
  archive("result", value.result);
  archive("input_tokens", value.input_tokens);
  archive("output_tokens", value.output_tokens);
}
template <class Archive>
void fields(Archive& archive, fields_of<step_replayed> auto& value) {
  archive("attempt", value.attempt);
  archive("key", value.key);
}
template <class Archive>
void fields(Archive& archive, fields_of<step_uncertain> auto& value) {
  archive("attempt", value.attempt);
  archive("key", value.key);
}
template <class Archive>
void fields(Archive& archive, fields_of<attempt_ended> auto& value) {
  archive("attempt", value.attempt);
  archive("outcome", value.outcome);
  archive("reason", value.reason);
  archive("result", value.result);
  archive("result_file_ns", value.result_file_ns);
}
template <class Archive>
void fields(Archive& archive, fields_of<check_ended> auto& value) {
  archive("attempt", value.attempt);
  archive("check", value.check);
  archive("name", value.name);
  archive("passed", value.passed);
  archive("evidence", value.evidence);
  archive("cannot_run", value.cannot_run);
}
template <class Archive>
void fields(Archive& archive, fields_of<work_postponed> auto& value) {
  archive("reason", value.reason);
}
template <class Archive>
void fields(Archive& archive, fields_of<cancel_requested> auto& value) {
  archive("reason", value.reason);
}
template <class Archive>
void fields(Archive& archive, fields_of<task_ended> auto& value) {
  archive("status", value.status);
  archive("result", value.result);
  archive("missing", value.missing);
  archive("reason", value.reason);
}

std::string_view kind_of(const event& value) {
  return kinds[value.index()];
}

namespace {

/// A text that begins as the given one and says how much of it is missing.
std::string cut(std::string text) {
  constexpr bytes mark_bytes_most = 64;
  if (text.size() <= fact_text_bytes_most) return text;
  const auto kept = utf8_prefix(text, fact_text_bytes_most - mark_bytes_most);
  return fmt::format("{}\u2026 ({} bytes left out)", kept, text.size() - kept.size());
}

/// Visits the fields of an event as reading does.
struct text_cutter {
  void operator()(std::string_view, std::string& text) { text = cut(as_utf8(std::move(text))); }
  template <class Other>
  void operator()(std::string_view, Other&) {}
};

}  // namespace

event storable(event value) {
  text_cutter cutter;
  std::visit([&cutter](auto& one) { fields(cutter, one); }, value);
  return value;
}

journal::record to_record(task_id task, const event& value) {
  journal::record record;
  record.task = task;
  record.kind = kind_of(value);
  // What agents print may be no UTF-8; a fact that is no JSON could never be read back.
  record.body = as_utf8(
      std::visit([](const auto& one) { return boost::json::serialize(write_fields(one)); }, value));
  if (const auto* started = std::get_if<incarnation_started>(&value))
    record.raise_to = started->incarnation;
  return record;
}

namespace {

template <std::size_t Index = 0>
result<event> read_kind(std::string_view kind, const boost::json::value& body) {
  if constexpr (Index == std::variant_size_v<event>) {
    return fail(error_code::corrupted, "unknown kind of fact '" + std::string(kind) + "'");
  } else {
    if (kinds[Index] != kind) return read_kind<Index + 1>(kind, body);
    std::variant_alternative_t<Index, event> value;
    NINE_TRY(read_fields(body, value));
    return event(std::move(value));
  }
}

}  // namespace

result<event> from_fact(const journal::fact& fact) {
  boost::json::error_code problem;
  const auto body = boost::json::parse(fact.body, problem);
  if (problem) {
    return fail(error_code::corrupted, "fact " + std::to_string(fact.number.value()) +
                                           " holds no JSON: " + problem.message());
  }
  auto value = read_kind(fact.kind, body);
  const auto* accepted = value ? std::get_if<task_accepted>(&*value) : nullptr;
  if (accepted && accepted->specification.plan.ladder.empty())
    value = fail(error_code::corrupted, "a task without a plan");
  if (!value) {
    return fail(error_code::corrupted,
                "fact " + std::to_string(fact.number.value()) + ": " + value.error().message);
  }
  return value;
}

}  // namespace nine::execution
