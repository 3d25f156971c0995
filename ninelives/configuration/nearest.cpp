#include "ninelives/configuration/nearest.hpp"

#include <algorithm>
#include <array>

namespace nine::configuration {
namespace {

constexpr std::size_t compared_bytes_most = 64;
constexpr std::size_t listed_names_most = 20;

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
  if (std::max(left.size(), right.size()) > compared_bytes_most) {
    return left == right ? 0 : std::max(left.size(), right.size());
  }
  using row = std::array<std::size_t, compared_bytes_most + 1>;
  row before_previous{};
  row previous{};
  row current{};
  for (std::size_t j = 0; j <= right.size(); ++j)
    previous[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
      const bool swapped =
          i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) current[j] = std::min(current[j], before_previous[j - 2] + 1);
    }
    before_previous = previous;
    previous = current;
  }
  return previous[right.size()];
}

std::optional<std::string> nearest(std::string_view name, std::span<const std::string> known) {
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& candidate : known) {
    const auto distance = edit_distance(name, candidate);
    // A change of every letter is no likeness, however short the name.
    if (distance >= best_distance || distance >= candidate.size()) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string suggestion(std::string_view name, std::span<const std::string> known) {
  if (const auto near = nearest(name, known)) return "; did you mean '" + *near + "'?";
  if (known.empty()) return "; none is defined";
  std::string text = "; known are: ";
  for (std::size_t i = 0; i < std::min(known.size(), listed_names_most); ++i) {
    if (i > 0) text += ", ";
    text += known[i];
  }
  if (known.size() > listed_names_most) text += ", …";
  return text;
}

}  // namespace nine::configuration
