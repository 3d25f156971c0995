#include "ninelives/resilience/retry_budget.hpp"

#include <gtest/gtest.h>

namespace nine::resilience {
namespace {

constexpr monotonic_time start{1000s};

int retries_granted(retry_budget& budget, monotonic_time now, int asked) {
  int granted = 0;
  for (int i = 0; i < asked; ++i)
    granted += budget.take_retry(now) ? 1 : 0;
  return granted;
}

TEST(retry_budget, a_quiet_time_has_its_floor) {
  retry_budget budget;
  EXPECT_EQ(retries_granted(budget, start, 100), 5);
}

TEST(retry_budget, retries_stay_a_share_of_the_traffic) {
  retry_budget budget({.per_second_least = 0});
  EXPECT_EQ(retries_granted(budget, start, 100), 0);
  for (int i = 0; i < 1000; ++i)
    budget.first_try(start);
  EXPECT_EQ(retries_granted(budget, start, 1000), 200);
}

TEST(retry_budget, what_is_older_than_the_window_no_longer_counts) {
  retry_budget budget({.per_second_least = 0});
  for (int i = 0; i < 100; ++i)
    budget.first_try(start);
  EXPECT_EQ(retries_granted(budget, start + 9s, 100), 20);
  EXPECT_EQ(retries_granted(budget, start + 9s, 100), 0);
  EXPECT_EQ(retries_granted(budget, start + 10s, 100), 0);
  for (int i = 0; i < 100; ++i)
    budget.first_try(start + 19s);
  EXPECT_EQ(retries_granted(budget, start + 19s, 100), 20);
}

TEST(retry_budget, a_long_silence_leaves_only_the_floor) {
  retry_budget budget;
  for (int i = 0; i < 1000; ++i)
    budget.first_try(start);
  EXPECT_EQ(retries_granted(budget, start + 24h, 1000), 5);
}

}  // namespace
}  // namespace nine::resilience
