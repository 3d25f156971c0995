#include "ninelives/execution/effect.hpp"

#include <array>
#include <string>
#include <utility>

namespace nine::execution {
namespace {

constexpr std::array<std::pair<effect, std::string_view>, 5> names{{
    {effect::pure, "pure"},
    {effect::idempotent, "idempotent"},
    {effect::verifiable, "verifiable"},
    {effect::once, "once"},
    {effect::compensable, "compensable"},
}};

}  // namespace

std::string_view to_string(effect kind) {
  for (const auto& [value, name] : names) {
    if (value == kind) return name;
  }
  return "once";
}

result<effect> parse_effect(std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return fail(
      error_code::invalid_argument,
      "'" + std::string(text.substr(0, 40)) +
          "' is no kind of effect; there are pure, idempotent, verifiable, once, compensable");
}

}  // namespace nine::execution
