#include "ninelives/supervision/crash_loop_guard.hpp"

#include <algorithm>
#include <charconv>

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

std::string to_text(const std::vector<wall_time>& crashes) {
  std::string text;
  for (const auto crash : crashes) {
    if (!text.empty()) text += ' ';
    text += std::to_string(to_milliseconds(crash));
  }
  return text;
}

result<std::vector<wall_time>> crashes_from_text(std::string_view text) {
  std::vector<wall_time> crashes;
  while (!text.empty()) {
    std::int64_t milliseconds = 0;
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const bool separated = text.empty() || (text.front() == ' ' && text.size() > 1);
    // Nanoseconds since 1970 must fit.
    const bool representable = milliseconds >= 0 && milliseconds <= 9'000'000'000'000;
    if (problem != std::errc{} || !separated || !representable)
      return fail(error_code::corrupted, "crash times are not numbers separated by blanks");
    if (crashes.size() == crash_loop_guard::crashes_kept)
      return fail(error_code::corrupted, "more crash times than are ever kept");
    crashes.push_back(wall_time_from_milliseconds(milliseconds));
    if (!text.empty()) text.remove_prefix(1);
  }
  return crashes;
}

}  // namespace nine::supervision
