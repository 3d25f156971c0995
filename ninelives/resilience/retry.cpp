#include "ninelives/resilience/retry.hpp"

#include <algorithm>

namespace nine::resilience {
namespace {

retry_decision refuse(retry_refusal why) {
  return {.at = std::nullopt, .refusal = why};
}

}  // namespace

retry_policy fast_retry() {
  return {.attempts_most = 3, .time_most = 30s, .waits = {.base = 1s, .most = 10s}};
}

retry_policy slow_retry() {
  return {.attempts_most = 5, .time_most = 5min, .waits = {.base = 2s, .most = 60s}};
}

bool retry::begin_attempt(monotonic_time now) {
  if (!may_fall_back(now)) return false;
  ++attempts_;
  return true;
}

bool retry::may_fall_back(monotonic_time now) const {
  return attempts_ < policy_.attempts_most && !end_.passed(now);
}

retry_decision retry::next(monotonic_time now, const failure& why, double chance) {
  if (!why.retryable) return refuse(retry_refusal::not_retryable);
  if (attempts_ >= policy_.attempts_most) return refuse(retry_refusal::attempts_used_up);
  const auto asked = std::max(why.retry_after.value_or(duration::zero()), duration::zero());
  if (asked > policy_.retry_after_most) return refuse(retry_refusal::retry_after_long);
  const auto nth = std::max<std::uint32_t>(attempts_, 1);
  last_wait_ = backoff(policy_.waits, nth, last_wait_, chance);
  // Those who were told the same second would all come in that second: the jitter is added.
  const auto wait = asked > duration::zero() ? asked + std::min(last_wait_, asked) : last_wait_;
  if (wait >= end_.left(now)) return refuse(retry_refusal::time_used_up);
  return {.at = now + wait};
}

}  // namespace nine::resilience
