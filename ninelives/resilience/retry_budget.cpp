#include "ninelives/resilience/retry_budget.hpp"

#include <algorithm>
#include <chrono>

namespace nine::resilience {

retry_budget::slot& retry_budget::slot_at(monotonic_time now) {
  const auto width = std::max(policy_.window / static_cast<int>(slots), duration(1));
  const auto index = std::max(now, monotonic_time{}).time_since_epoch() / width;
  auto& current = ring_[static_cast<std::size_t>(index) % slots];
  if (current.index != index) current = {.index = index};
  return current;
}

void retry_budget::first_try(monotonic_time now) {
  ++slot_at(now).first_tries;
}

double retry_budget::left(monotonic_time now) {
  const auto newest = slot_at(now).index;
  double first_tries = 0;
  double retries = 0;
  for (const auto& one : ring_) {
    if (one.index < 0 || newest - one.index >= static_cast<std::int64_t>(slots)) continue;
    first_tries += one.first_tries;
    retries += one.retries;
  }
  const auto seconds = std::chrono::duration<double>(policy_.window).count();
  return policy_.share_most * first_tries + policy_.per_second_least * seconds - retries;
}

bool retry_budget::take_retry(monotonic_time now) {
  if (left(now) < 1) return false;
  ++slot_at(now).retries;
  return true;
}

}  // namespace nine::resilience
