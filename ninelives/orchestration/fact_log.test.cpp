#include "ninelives/orchestration/fact_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "ninelives/environment/fake/manual_clock.hpp"
#include "ninelives/telemetry/memory_log_sink.hpp"

namespace nine::orchestration {
namespace {

using environment::exit_status;
using execution::attempt_outcome;
using execution::task_status;
using telemetry::level;

/// t7 with attempt 2 by codex, in its fourth incarnation.
execution::task_state example() {
  execution::task_state state;
  state.id = task_id(7);
  state.current = epoch(4);
  state.attempts.push_back({.number = attempt_number(2), .agent = "codex"});
  return state;
}

execution::incarnation_ended ending(exit_status exit, bool asked) {
  return {.child = "t7.a2", .incarnation = epoch(3), .exit = exit, .asked = asked};
}

TEST(fact_log, what_went_wrong_is_louder_than_what_went_well) {
  const std::pair<execution::event, level> table[] = {
      {execution::task_accepted{}, level::info},
      {execution::step_intended{}, level::debug},
      {execution::step_uncertain{}, level::warning},
      {execution::rung_skipped{}, level::warning},
      {ending(exit_status::exited(0), false), level::info},
      {ending(exit_status::exited(1), false), level::warning},
      {ending(exit_status::signalled(9), false), level::warning},
      {ending(exit_status::signalled(15), true), level::info},
      {execution::attempt_ended{.outcome = attempt_outcome::delivered}, level::info},
      {execution::attempt_ended{.outcome = attempt_outcome::timed_out}, level::warning},
      {execution::check_ended{.passed = false}, level::warning},
      {execution::task_ended{.status = task_status::succeeded}, level::info},
      {execution::task_ended{.status = task_status::degraded}, level::warning},
      {execution::task_ended{.status = task_status::failed}, level::error},
  };
  for (const auto& [fact, expected] : table)
    EXPECT_EQ(level_of(fact), expected) << kind_of(fact);
}

// proves: O1
TEST(fact_log, a_line_carries_task_attempt_incarnation_and_agent) {
  environment::manual_clock clock;
  telemetry::memory_log_sink sink;
  const telemetry::logger log(sink, clock, {});
  auto crash = ending(exit_status::signalled(9), false);
  crash.will_restart = true;
  log_fact(log, example(), crash);
  const auto line = boost::json::parse(sink.lines().at(0)).as_object();
  EXPECT_EQ(line.at("event"), "incarnation_ended");
  EXPECT_EQ(line.at("task"), "t7");
  EXPECT_EQ(line.at("attempt"), 2);
  EXPECT_EQ(line.at("epoch"), 3);
  EXPECT_EQ(line.at("agent"), "codex");
  EXPECT_EQ(line.at("message").as_string(), "t7.a2 ended: signal 9; it is started again");
}

TEST(fact_log, a_fact_below_the_least_level_is_not_written) {
  environment::manual_clock clock;
  telemetry::memory_log_sink sink;
  const telemetry::logger log(sink, clock, {.least = level::warning});
  log_fact(log, example(), execution::attempt_started{.agent = "codex"});
  EXPECT_TRUE(sink.lines().empty());
}

}  // namespace
}  // namespace nine::orchestration
