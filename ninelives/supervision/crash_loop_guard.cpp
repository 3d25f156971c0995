#include "ninelives/supervision/crash_loop_guard.hpp"

#include <algorithm>
#include <utility>

namespace nine::supervision {

crash_loop_guard::crash_loop_guard(crash_loop_limits limits, std::vector<wall_time> crashes)
    : limits_(limits), crashes_(std::move(crashes)) {
  std::ranges::sort(crashes_);
  if (crashes_.size() > crashes_kept)
    crashes_.erase(crashes_.begin(), crashes_.end() - crashes_kept);
}

void crash_loop_guard::crashed(wall_time now) {
  for (auto& crash : crashes_)
    crash = std::min(crash, now);  // the clock was set back
  crashes_.push_back(now);
  if (crashes_.size() > crashes_kept) crashes_.erase(crashes_.begin());
}

duration crash_loop_guard::cool_down_left(wall_time now) const {
  const auto count = std::min(limits_.crashes, crashes_kept);
  if (count == 0 || crashes_.size() < count) return {};
  const auto last = std::min(crashes_.back(), now);
  const auto first = std::min(crashes_[crashes_.size() - count], now);
  if (last - first > limits_.window) return {};
  return std::max(duration{}, last + limits_.cool_down - now);
}

}  // namespace nine::supervision
