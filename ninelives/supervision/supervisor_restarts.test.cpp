// When a supervisor starts a child again, and when it gives up: intensity, delays, cool-downs.

#include <gtest/gtest.h>

#include "ninelives/supervision/supervisor_stage.test.hpp"

namespace nine::supervision {
namespace {

// proves: S3
TEST(supervisor, never_escalates_when_deaths_are_further_apart_than_the_period) {  // OTP 33
  auto flags = without_delays();
  flags.intensity = {1, 1s};
  stage stage(flags);
  stage.play("start a");
  for (int death = 0; death < 4; ++death) {
    EXPECT_EQ(stage.play("crash a"), "+a");
    stage.play("wait 2100");
  }
}

TEST(supervisor, wants_to_be_woken_when_the_next_restart_is_due) {
  stage stage(slow_restarts(strategy::one_for_one));
  stage.play("start a b");
  EXPECT_FALSE(stage.core.next_deadline());
  stage.play("crash a");
  stage.play("crash a");
  ASSERT_TRUE(stage.core.next_deadline());
  EXPECT_EQ(*stage.core.next_deadline(), stage.core.find("a")->due);
  EXPECT_GT(*stage.core.next_deadline(), stage.at.now);
  stage.play("wait 10000");
  EXPECT_FALSE(stage.core.next_deadline());
}

TEST(supervisor, delays_clean_ends_of_permanent_children_never) {
  stage stage(slow_restarts(strategy::one_for_one));
  stage.play("start a");
  EXPECT_EQ(stage.play("finish a"), "+a");
  EXPECT_EQ(stage.play("finish a"), "+a");
}

// proves: S4
TEST(supervisor, cools_a_crash_loop_down_also_after_its_own_restart) {
  supervisor_flags flags = without_delays();
  flags.crash_loop = {.crashes = 3, .window = 120s, .cool_down = 120s};
  stage stage(flags);
  stage.at.wall = wall_time(1000s);
  stage.core.remember_crashes("a", {wall_time(950s), wall_time(960s)});
  stage.play("start a");
  EXPECT_EQ(stage.play("crash a"), "");
  EXPECT_EQ(stage.play("wait 119000"), "");
  EXPECT_EQ(stage.play("wait 1001"), "+a");
}

/// With the defaults, whose cool-down is longer than the time in which restarts are counted.
// proves: S3, S4
TEST(supervisor, gives_a_child_up_that_does_nothing_but_crash_and_rest) {
  stage stage{supervisor_flags{}};
  stage.play("start a");
  int crashes = 0;
  for (; !stage.core.ended() && crashes < 100; ++crashes) {
    stage.play("crash a");
    const auto waits = [&] {
      const auto a = stage.core.find("a");
      return a && a->state == supervisor::child_state::restarting;
    };
    while (waits())
      stage.play("wait 1000");
  }
  EXPECT_EQ(stage.core.reason(), end_reason::restart_intensity_exceeded);
  EXPECT_EQ(crashes, 6);
}

// proves: S3, D10
TEST(supervisor, counts_the_crashes_of_an_earlier_life_for_the_restart_intensity) {
  stage stage(without_delays());
  stage.at.wall = wall_time(1000s);
  stage.core.remember_crashes(
      "a", {wall_time(900s), wall_time(970s), wall_time(980s), wall_time(990s), wall_time(995s)});
  stage.play("start a");
  EXPECT_EQ(stage.play("crash a"), "+a") << "what is older than a minute is forgotten";
  EXPECT_EQ(stage.play("crash a"), "end:restart_intensity_exceeded");
}

// proves: S4
TEST(supervisor, goes_on_with_a_cool_down_that_began_in_an_earlier_life) {
  supervisor_flags flags = without_delays();
  flags.crash_loop = {.crashes = 3, .window = 120s, .cool_down = 120s};
  stage stage(flags);
  stage.at.wall = wall_time(1000s);
  stage.core.remember_crashes("a", {wall_time(970s), wall_time(980s), wall_time(990s)});
  EXPECT_EQ(stage.play("start a"), "");
  EXPECT_EQ(stage.play("wait 109000"), "");
  EXPECT_EQ(stage.play("wait 1000"), "+a");
}

// proves: S4
TEST(supervisor, starts_the_delay_over_after_a_run_that_made_progress) {
  stage stage(slow_restarts(strategy::one_for_one));
  stage.play("start a");
  EXPECT_EQ(stage.play("crash a"), "+a");
  stage.core.child_made_progress("a");
  EXPECT_EQ(stage.play("crash a"), "+a");
  EXPECT_EQ(stage.play("crash a"), "");
}

}  // namespace
}  // namespace nine::supervision
