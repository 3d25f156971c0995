#include "ninelives/model_client/retry_time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>

namespace nine::model_client {
namespace {

namespace chrono = std::chrono;

constexpr duration ahead_most = 24h;

/// A number without sign, exponent or anything behind it, small enough to be a wait.
std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(value >= 0) || value > 1e12) return std::nullopt;
  return value;
}

/// Exactly `digits` digits at `from`.
std::optional<int> parse_digits(std::string_view text, std::size_t from, std::size_t digits) {
  if (from + digits > text.size()) return std::nullopt;
  int value = 0;
  for (const char digit : text.substr(from, digits)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  return value;
}

duration seconds_of(double count) {
  return duration(static_cast<std::int64_t>(std::min(count, 1e8) * 1e9));
}

std::optional<wall_time> time_of(int year, int month, int day, int hour, int minute, int second) {
  const chrono::year_month_day date(chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                    chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || year < 1970 || year > 2200) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto since_1970 = chrono::sys_days(date).time_since_epoch() + chrono::hours(hour) +
                          chrono::minutes(minute) + chrono::seconds(second);
  return wall_time(since_1970);
}

/// The factor of a unit, and how many letters it has.
std::pair<double, std::size_t> unit_of(std::string_view text) {
  if (text.starts_with("ms")) return {0.001, 2};
  if (text.starts_with('s')) return {1, 1};
  if (text.starts_with('m')) return {60, 1};
  if (text.starts_with('h')) return {3600, 1};
  if (text.starts_with('d')) return {86400, 1};
  return {0, 0};
}

std::optional<wall_time> reset_time(std::string_view value, wall_time now) {
  if (const auto span = parse_span(value)) return now + std::min(*span, ahead_most);
  if (const auto at = parse_timestamp(value)) return at;
  // Anthropic's unified header holds seconds since 1970.
  if (const auto number = parse_number(value))
    return wall_time(seconds_of(0)) +
           chrono::seconds(static_cast<std::int64_t>(std::min(*number, 7e9)));
  return std::nullopt;
}

/// A limit of a provider: when it resets, and how much of it is left.
struct limit_headers {
  std::string_view reset;
  std::string_view remaining;  ///< empty: such a limit is told of only when it was hit
};
constexpr std::array<limit_headers, 5> limits{{
    {"x-ratelimit-reset-requests", "x-ratelimit-remaining-requests"},
    {"x-ratelimit-reset-tokens", "x-ratelimit-remaining-tokens"},
    {"anthropic-ratelimit-requests-reset", "anthropic-ratelimit-requests-remaining"},
    {"anthropic-ratelimit-tokens-reset", "anthropic-ratelimit-tokens-remaining"},
    {"anthropic-ratelimit-unified-reset", ""},
}};

/// Providers tell of their limits in every answer; a limit with something left stopped nobody.
bool is_used_up(const http::headers& fields, const limit_headers& limit) {
  const auto remaining = fields.find(limit.remaining);
  return !remaining || parse_number(*remaining).value_or(0) == 0;
}

std::optional<wall_time> latest_reset(const http::headers& fields, wall_time now) {
  std::optional<wall_time> latest;
  for (const auto& limit : limits) {
    const auto told = fields.find(limit.reset);
    if (!told || !is_used_up(fields, limit)) continue;
    const auto at = reset_time(*told, now);
    if (at && (!latest || *at > *latest)) latest = at;
  }
  return latest;
}

std::optional<wall_time> told_time(const http::headers& fields, wall_time now) {
  if (const auto wait = fields.find("retry-after-ms")) {
    if (const auto wait_ms = parse_number(*wait)) return now + seconds_of(*wait_ms / 1000);
  }
  if (const auto wait = fields.find("retry-after")) {
    if (const auto wait_s = parse_number(*wait)) return now + seconds_of(*wait_s);
    if (const auto at = parse_http_date(*wait)) return at;
  }
  return std::nullopt;
}

std::optional<wall_time> within_a_day(std::optional<wall_time> told, wall_time now) {
  if (!told) return std::nullopt;
  return std::clamp(*told, now, now + ahead_most);
}

}  // namespace

std::optional<wall_time> retry_after(const http::headers& fields, wall_time now) {
  return within_a_day(told_time(fields, now), now);
}

std::optional<wall_time> limit_reset(const http::headers& fields, wall_time now) {
  return within_a_day(latest_reset(fields, now), now);
}

std::optional<duration> parse_span(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double total_s = 0;
  while (!text.empty()) {
    const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto count = parse_number(text.substr(0, digits));
    const auto [factor, letters] = unit_of(text.substr(digits));
    if (!count || letters == 0) return std::nullopt;
    total_s += *count * factor;
    text.remove_prefix(digits + letters);
  }
  return seconds_of(total_s);
}

std::optional<wall_time> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::ranges::find(months, text.substr(8, 3));
  const auto day = parse_digits(text, 5, 2);
  const auto year = parse_digits(text, 12, 4);
  const auto hour = parse_digits(text, 17, 2);
  const auto minute = parse_digits(text, 20, 2);
  const auto second = parse_digits(text, 23, 2);
  if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  return time_of(*year, static_cast<int>(month - months.begin()) + 1, *day, *hour, *minute,
                 *second);
}

std::optional<wall_time> parse_timestamp(std::string_view text) {
  const auto year = parse_digits(text, 0, 4);
  const auto month = parse_digits(text, 5, 2);
  const auto day = parse_digits(text, 8, 2);
  const auto hour = parse_digits(text, 11, 2);
  const auto minute = parse_digits(text, 14, 2);
  const auto second = parse_digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  auto at = time_of(*year, *month, *day, *hour, *minute, *second);
  auto rest = text.substr(19);
  if (rest.starts_with('.'))
    rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
  if (!at || rest == "Z" || rest == "z") return at;
  const auto offset_hours = parse_digits(rest, 1, 2);
  const auto offset_minutes = parse_digits(rest, 4, 2);
  const bool ahead = rest.starts_with('+');
  if (rest.size() != 6 || (!ahead && !rest.starts_with('-')) || !offset_hours || !offset_minutes) {
    return std::nullopt;
  }
  const auto offset = chrono::hours(*offset_hours) + chrono::minutes(*offset_minutes);
  return ahead ? *at - offset : *at + offset;
}

}  // namespace nine::model_client
