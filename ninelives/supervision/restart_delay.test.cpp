#include "ninelives/supervision/restart_delay.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace nine::supervision {
namespace {

const monotonic_time begin{1000s};
constexpr double most_chance = 1.0 - 1e-9;

TEST(restart_delay, restarts_first_at_once_then_doubles_up_to_the_most) {
  restart_delay delay({.base = 1s, .most = 60s});
  std::vector<std::int64_t> seconds;
  for (int failure = 0; failure < 9; ++failure) {
    const auto wait = delay.next(begin, most_chance);
    seconds.push_back((to_milliseconds(wait) + 1) / 1000);
  }
  EXPECT_EQ(seconds, (std::vector<std::int64_t>{0, 1, 2, 4, 8, 16, 32, 60, 60}));
}

TEST(restart_delay, keeps_at_least_half_of_the_wait_whatever_chance_says) {
  restart_delay delay({.base = 8s, .most = 60s});
  EXPECT_EQ(delay.next(begin, 0), 0s);
  EXPECT_EQ(delay.next(begin, 0), 4s);
  EXPECT_EQ(delay.next(begin, 0.5), 12s);
}

TEST(restart_delay, spreads_the_wait_as_its_jitter_says) {
  using resilience::jitter;
  const std::pair<jitter, duration> cases[] = {
      // base 8 s, third failure: 16 s, chance 1/4
      {jitter::none, 16s},
      {jitter::full, 4s},
      {jitter::equal, 10s},
      {jitter::decorrelated, 15s}};  // after a wait of 12 s
  for (const auto& [spread, expected] : cases) {
    restart_delay delay({.base = 8s, .most = 60s, .spread = spread});
    delay.next(begin, 0.25);
    delay.next(begin, 0.25);
    EXPECT_EQ(delay.next(begin, 0.25), expected) << static_cast<int>(spread);
  }
}

TEST(restart_delay, starts_over_after_progress_and_only_for_that_run) {
  restart_delay delay({.base = 8s, .most = 60s});
  delay.next(begin, 0);
  delay.next(begin, 0);
  delay.started(begin);
  delay.made_progress();
  EXPECT_EQ(delay.next(begin, 0), 0s);
  delay.started(begin);
  EXPECT_EQ(delay.next(begin, 0), 4s);
}

TEST(restart_delay, starts_over_after_thirty_seconds_of_running) {
  restart_delay delay;
  delay.next(begin, 0);
  delay.started(begin);
  EXPECT_GT(delay.next(begin + 30s - 1ns, 0), 0s);
  delay.started(begin);
  EXPECT_EQ(delay.next(begin + 30s, 0), 0s);
}

TEST(restart_delay, asks_for_a_run_longer_than_the_last_wait) {
  restart_delay delay({.base = 100s, .most = 100s});
  delay.next(begin, 0);
  EXPECT_EQ(delay.next(begin, 0), 50s);
  delay.started(begin);
  EXPECT_EQ(delay.next(begin + 49s, 0), 50s);
  delay.started(begin);
  EXPECT_EQ(delay.next(begin + 50s, 0), 0s);
}

TEST(restart_delay, never_overflows) {
  restart_delay delay({.base = 1ns, .most = 24h});
  duration wait{};
  for (int failure = 0; failure < 200; ++failure)
    wait = delay.next(begin, most_chance);
  EXPECT_LE(wait, 24h);
  EXPECT_GT(wait, 23h);
}

}  // namespace
}  // namespace nine::supervision
