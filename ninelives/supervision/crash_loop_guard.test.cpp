#include "ninelives/supervision/crash_loop_guard.hpp"

#include <gtest/gtest.h>

namespace nine::supervision {
namespace {

wall_time at(duration time) {
  return wall_time(time);
}

TEST(crash_loop_guard, cools_down_after_three_crashes_in_120_seconds) {
  crash_loop_guard guard;
  guard.crashed(at(1000s));
  guard.crashed(at(1060s));
  EXPECT_EQ(guard.cool_down_left(at(1060s)), 0s);
  guard.crashed(at(1120s));
  EXPECT_EQ(guard.cool_down_left(at(1120s)), 120s);
  EXPECT_EQ(guard.cool_down_left(at(1200s)), 40s);
  EXPECT_EQ(guard.cool_down_left(at(1240s)), 0s);
}

TEST(crash_loop_guard, lets_rarer_crashes_pass) {
  crash_loop_guard guard;
  for (const auto time : {1000s, 1060s, 1121s})
    guard.crashed(at(time));
  EXPECT_EQ(guard.cool_down_left(at(1121s)), 0s);
}

TEST(crash_loop_guard, goes_on_from_what_was_written_down) {
  crash_loop_guard guard({}, {at(1000s), at(1010s)});
  guard.crashed(at(1020s));
  EXPECT_EQ(guard.cool_down_left(at(1020s)), 120s);
}

TEST(crash_loop_guard, keeps_the_last_ten) {
  crash_loop_guard guard;
  for (int crash = 0; crash < 15; ++crash)
    guard.crashed(at(crash * 1s));
  ASSERT_EQ(guard.crashes().size(), 10U);
  EXPECT_EQ(guard.crashes().front(), at(5s));
}

TEST(crash_loop_guard, never_waits_longer_than_the_cool_down_when_the_clock_is_set_back) {
  crash_loop_guard guard;
  for (const auto time : {9000s, 9001s, 9002s})
    guard.crashed(at(time));
  EXPECT_EQ(guard.cool_down_left(at(1000s)), 120s);
  guard.crashed(at(1000s));
  EXPECT_EQ(guard.cool_down_left(at(1000s)), 120s);
  EXPECT_EQ(guard.cool_down_left(at(1120s)), 0s);
}

TEST(crash_loop_guard, can_be_switched_off) {
  crash_loop_guard guard({.crashes = 0});
  for (int crash = 0; crash < 15; ++crash)
    guard.crashed(at(1000s));
  EXPECT_EQ(guard.cool_down_left(at(1000s)), 0s);
}

}  // namespace
}  // namespace nine::supervision
