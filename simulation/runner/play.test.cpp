#include "simulation/runner/play.hpp"

#include <gtest/gtest.h>

#include "simulation/machine/function_program.hpp"
#include "simulation/runner/workers.hpp"

namespace nine::simulation {
namespace {

void play_nothing(world& stage) {
  stage.run_for(1s);
}

void play_failure(world& stage) {
  if (stage.random().next() % 2 == 0) stage.fail("by chance");
}

void play_crash(world& stage) {
  if (stage.random().next() % 2 == 0) std::_Exit(7);
}

void play_outside_the_seed(world& stage) {
  static int runs = 0;
  stage.note(std::to_string(++runs));
}

// proves: C2
TEST(play, gives_the_same_trace_for_the_same_seed_and_another_for_another) {
  const auto& story = all_scenarios()[0];
  EXPECT_EQ(play_once(story, 5).hash, play_once(story, 5).hash);
  EXPECT_NE(play_once(story, 5).hash, play_once(story, 6).hash);
}

TEST(play, notices_what_comes_from_outside_the_seed) {
  const scenario story{"leak", "", play_outside_the_seed};
  EXPECT_NE(play_twice(story, 1).failure.find("two runs differ"), std::string::npos);
}

TEST(play, counts_failures_and_crashes_as_failed_seeds_and_goes_on) {
  const auto none = play_all({{"nothing", "", play_nothing}}, {1, 20}, 2);
  EXPECT_EQ(none.passed, 20u);
  for (auto* broken : {play_failure, play_crash}) {
    const auto report = play_all({{"broken", "", broken}}, {1, 20}, 3);
    EXPECT_EQ(report.passed + report.failures.size(), 20u);
    EXPECT_GT(report.passed, 0u);
    EXPECT_GT(report.failures.size(), 0u);
  }
}

void play_without_end(world&) {
  for (volatile bool on = true; on;)
    continue;
}

TEST(play, gives_up_a_run_that_comes_to_no_end_and_counts_it_as_failed) {
  const auto report = play_all({{"endless", "", play_without_end}}, {1, 3}, 2, 1s);
  EXPECT_EQ(report.passed, 0u);
  ASSERT_EQ(report.failures.size(), 3u);
  for (const auto& each : report.failures)
    EXPECT_EQ(each.why, "came to no end within 1 s");
}

}  // namespace
}  // namespace nine::simulation
