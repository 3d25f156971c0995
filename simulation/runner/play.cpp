#include "simulation/runner/play.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nine::simulation {
namespace {

std::vector<std::string> lines_of(const scenario& story, std::uint64_t seed) {
  std::vector<std::string> lines;
  play_once(story, seed, [&](std::string_view line) { lines.emplace_back(line); }, true);
  return lines;
}

}  // namespace

run_report play_once(const scenario& story, std::uint64_t seed, trace::listener listener,
                     bool decisions) {
  world stage(seed);
  stage.history().listen(std::move(listener), decisions);
  story.play(stage);
  if (!stage.failed()) stage.finish();
  return {stage.failure(), stage.history().hash(), stage.steps(), stage.history().events()};
}

run_report play_twice(const scenario& story, std::uint64_t seed) {
  auto first = play_once(story, seed);
  if (!first.failure.empty()) return first;
  const auto second = play_once(story, seed);
  if (first.hash != second.hash) {
    first.failure = "two runs differ: " + first_difference(story, seed);
  }
  return first;
}

std::string first_difference(const scenario& story, std::uint64_t seed) {
  const auto one = lines_of(story, seed);
  const auto other = lines_of(story, seed);
  const auto [left, right] = std::ranges::mismatch(one, other);
  const auto text = [](auto place, const auto& lines) {
    return place == lines.end() ? std::string("(end)") : *place;
  };
  return fmt::format("'{}' and '{}'", text(left, one), text(right, other));
}

}  // namespace nine::simulation
