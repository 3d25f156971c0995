#include "ninelives/supervision/restart_intensity.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nine::supervision {

result<void> validate(const intensity_limits& limits) {
  if (limits.period <= 0s)
    return fail(error_code::invalid_argument, "restart intensity: period must be above zero");
  if (limits.restarts > intensity_restarts_most)
    return fail(error_code::invalid_argument,
                fmt::format("restart intensity: {} restarts are above the most of {}",
                            limits.restarts, intensity_restarts_most));
  return {};
}

bool restart_intensity::charge(monotonic_time now, std::uint64_t child) {
  const auto begin = now - limits_.period;
  std::erase_if(stamps_, [begin](const stamp& each) { return each.at < begin; });
  stamps_.push_back({now, child});
  if (stamps_.size() <= limits_.restarts) return true;
  stamps_.erase(stamps_.begin());  // keeps the bound; the newest are what the next window needs
  return false;
}

void restart_intensity::rests(std::uint64_t child, duration rest) {
  for (auto& each : stamps_)
    if (each.child == child) each.at += rest;
}

std::size_t restart_intensity::charged(monotonic_time now) const {
  const auto begin = now - limits_.period;
  return static_cast<std::size_t>(
      std::ranges::count_if(stamps_, [begin](const stamp& each) { return each.at >= begin; }));
}

}  // namespace nine::supervision
