#include "ninelives/configuration/quantities.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

namespace nine::configuration {
namespace {

struct unit {
  std::string_view suffix;
  std::uint64_t factor;
};

/// Largest first, so that formatting takes the largest that divides.
constexpr std::array<unit, 5> duration_units{{{"d", 86'400'000'000'000},
                                              {"h", 3'600'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"s", 1'000'000'000},
                                              {"ms", 1'000'000}}};
constexpr std::array<unit, 4> size_units{{{"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}, {"B", 1}}};

constexpr std::uint64_t value_most = std::numeric_limits<std::int64_t>::max();

template <std::size_t n>
std::optional<std::uint64_t> parse(std::string_view text, const std::array<unit, n>& units) {
  std::uint64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, problem] = std::from_chars(text.data(), last, number);
  if (problem != std::errc{}) return std::nullopt;
  const std::string_view suffix(end, last);
  if (number == 0 && suffix.empty()) return 0;
  for (const auto& [name, factor] : units) {
    if (suffix != name) continue;
    if (number > value_most / factor) return std::nullopt;
    return number * factor;
  }
  return std::nullopt;
}

template <std::size_t n>
std::string format(std::uint64_t value, const std::array<unit, n>& units,
                   std::string_view zero_suffix) {
  if (value == 0) return "0" + std::string(zero_suffix);
  for (const auto& [name, factor] : units) {
    if (value % factor == 0) return std::to_string(value / factor) + std::string(name);
  }
  const auto& smallest = units.back();
  return std::to_string(value / smallest.factor) + std::string(smallest.suffix);
}

}  // namespace

std::optional<duration> parse_duration(std::string_view text) {
  const auto value = parse(text, duration_units);
  if (!value) return std::nullopt;
  return duration(static_cast<std::int64_t>(*value));
}

std::string format_duration(duration value) {
  if (value < duration::zero()) return "-" + format_duration(-value);
  return format(static_cast<std::uint64_t>(value.count()), duration_units, "s");
}

std::optional<bytes> parse_size(std::string_view text) {
  return parse(text, size_units);
}

std::string format_size(bytes value) {
  return format(value, size_units, "B");
}

}  // namespace nine::configuration
