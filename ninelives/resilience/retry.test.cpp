#include "ninelives/resilience/retry.hpp"

#include <gtest/gtest.h>

namespace nine::resilience {
namespace {

constexpr monotonic_time start{1000s};

retry_policy steady(std::uint32_t attempts) {
  return {.attempts_most = attempts,
          .time_most = 60s,
          .waits = {.base = 1s, .most = 10s, .spread = jitter::none},
          .retry_after_most = 30s};
}

retry_decision at(monotonic_time when) {
  return {.at = when};
}

TEST(retry, tries_are_counted_and_waits_double) {
  retry request(steady(3), start, deadline::never());
  EXPECT_TRUE(request.begin_attempt(start));
  EXPECT_EQ(request.next(start, {}, 0.5), at(start + 1s));
  EXPECT_TRUE(request.begin_attempt(start + 1s));
  EXPECT_EQ(request.next(start + 1s, {}, 0.5), at(start + 3s));
  EXPECT_TRUE(request.begin_attempt(start + 3s));
  EXPECT_EQ(request.next(start + 3s, {}, 0.5).refusal, retry_refusal::attempts_used_up);
  EXPECT_FALSE(request.begin_attempt(start + 3s));
  EXPECT_EQ(request.attempts(), 3U);
}

TEST(retry, fallbacks_share_the_tries_of_their_request) {
  retry request(steady(2), start, deadline::never());
  EXPECT_TRUE(request.begin_attempt(start));
  EXPECT_TRUE(request.may_fall_back(start));
  EXPECT_TRUE(request.begin_attempt(start));
  EXPECT_FALSE(request.may_fall_back(start));
}

TEST(retry, what_cannot_help_is_not_tried_again) {
  retry request(steady(3), start, deadline::never());
  request.begin_attempt(start);
  EXPECT_EQ(request.next(start, {.retryable = false}, 0).refusal, retry_refusal::not_retryable);
}

TEST(retry, no_try_begins_at_or_after_the_deadline) {
  retry request(steady(9), start, deadline(start + 2s));
  request.begin_attempt(start);
  EXPECT_EQ(request.next(start + 900ms, {}, 0), at(start + 1900ms));
  EXPECT_EQ(request.next(start + 1s, {}, 0).refusal, retry_refusal::time_used_up);
  EXPECT_FALSE(request.begin_attempt(start + 2s));
}

TEST(retry, its_own_time_ends_it_when_the_caller_has_none) {
  retry request(steady(1000), start, deadline::never());
  EXPECT_EQ(request.end().at(), start + 60s);
  EXPECT_TRUE(request.begin_attempt(start + 59s));
  EXPECT_FALSE(request.begin_attempt(start + 60s));
}

TEST(retry, a_server_that_asks_for_a_wait_gets_at_least_that) {
  retry request(steady(9), start, deadline::never());
  request.begin_attempt(start);
  EXPECT_EQ(request.next(start, {.retry_after = 20s}, 0), at(start + 21s));
  EXPECT_EQ(request.next(start, {.retry_after = 500ms}, 0), at(start + 1s));
  EXPECT_EQ(request.next(start, {.retry_after = 0s}, 0), at(start + 1s));
  EXPECT_EQ(request.next(start, {.retry_after = -5s}, 0), at(start + 1s));
  EXPECT_EQ(request.next(start, {.retry_after = 31s}, 0).refusal, retry_refusal::retry_after_long);
  EXPECT_EQ(request.next(start + 45s, {.retry_after = 20s}, 0).refusal,
            retry_refusal::time_used_up);
}

TEST(retry, the_presets_are_three_times_one_second_and_five_times_two) {
  EXPECT_EQ(fast_retry().attempts_most, 3U);
  EXPECT_EQ(fast_retry().waits.base, 1s);
  EXPECT_EQ(slow_retry().attempts_most, 5U);
  EXPECT_EQ(slow_retry().waits.base, 2s);
}

TEST(deadline, a_step_gets_no_more_than_what_is_left) {
  const auto whole = deadline::in(start, 10s);
  EXPECT_EQ(whole.left(start + 4s), 6s);
  EXPECT_EQ(whole.left(start + 11s), 0s);
  EXPECT_EQ(whole.at_most(start + 4s, 2s).at(), start + 6s);
  EXPECT_EQ(whole.at_most(start + 9s, 2s).at(), start + 10s);
  EXPECT_TRUE(whole.passed(start + 10s));
}

TEST(deadline, never_does_not_overflow) {
  EXPECT_FALSE(deadline::never().passed(monotonic_time::max() - 1ns));
  EXPECT_EQ(deadline::never().left(start), duration::max());
  EXPECT_EQ(deadline::in(start, duration::max()), deadline::never());
  EXPECT_EQ(deadline::never().at_most(start, 1s).at(), start + 1s);
}

}  // namespace
}  // namespace nine::resilience
