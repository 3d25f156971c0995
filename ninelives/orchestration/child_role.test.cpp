#include "ninelives/orchestration/child_role.hpp"

#include <gtest/gtest.h>

namespace nine::orchestration {
namespace {

const error missing{error_code::unavailable, "no such file"};

using kind = child_role::kind;

execution::task_state task_with_gates(int attempts) {
  execution::task_state state;
  state.id = task_id(7);
  state.specification.plan.ladder.resize(1);
  state.specification.plan.gates.resize(2);
  state.specification.plan.gates[1].words = {"npm", "test"};
  for (int number = 1; number <= attempts; ++number) {
    state.attempts.emplace_back();
    state.attempts.back().number = attempt_number(number);
  }
  return state;
}

TEST(child_role, is_read_from_the_name_and_the_present_attempt) {
  const auto state = task_with_gates(2);
  const std::map<std::string, child_role> roles{
      {"t7.input", {kind::input}},   {"t7.a2", {kind::agent}},   {"t7.a2.g0", {kind::gate, 0}},
      {"t7.a2.g1", {kind::gate, 1}}, {"t7.a2.g2", {kind::past}}, {"t7.a1", {kind::past}},
      {"t7.a1.g0", {kind::past}},    {"t8.a2", {kind::past}},    {"", {kind::past}},
  };
  for (const auto& [child, role] : roles)
    EXPECT_EQ(role_of_child(state, child), role) << child;
}

TEST(child_role, is_of_the_past_before_the_first_attempt) {
  EXPECT_EQ(role_of_child(task_with_gates(0), "t7.a1").what, kind::past);
  EXPECT_EQ(role_of_child(task_with_gates(0), "t7.input").what, kind::input);
}

TEST(launch_failure, of_the_input_ends_the_task) {
  const auto fact = launch_failure(task_with_gates(0), "t7.input", missing);
  ASSERT_TRUE(fact);
  const auto& ended = std::get<execution::task_ended>(*fact);
  EXPECT_EQ(ended.status, execution::task_status::failed);
  EXPECT_EQ(ended.reason, "the input command: it could not be started: no such file");
}

TEST(launch_failure, that_no_further_try_can_mend_is_the_last_of_its_agent) {
  const auto fact = launch_failure(task_with_gates(1), "t7.a1", {error_code::too_large, "long"});
  ASSERT_TRUE(fact);
  EXPECT_EQ(std::get<execution::attempt_ended>(*fact).outcome,
            execution::attempt_outcome::unavailable);
}

TEST(launch_failure, of_the_agent_ends_the_attempt_once) {
  auto state = task_with_gates(2);
  const auto fact = launch_failure(state, "t7.a2", missing);
  ASSERT_TRUE(fact);
  const auto& ended = std::get<execution::attempt_ended>(*fact);
  EXPECT_EQ(ended.attempt, attempt_number(2));
  EXPECT_EQ(ended.outcome, execution::attempt_outcome::failed);
  EXPECT_EQ(ended.reason, "it could not be started: no such file");
  state.attempts.back().ended = ended;
  EXPECT_FALSE(launch_failure(state, "t7.a2", missing));
}

TEST(launch_failure, of_a_gate_is_a_check_that_did_not_pass) {
  auto state = task_with_gates(1);
  state.attempts.back().checks.resize(1);
  const auto fact = launch_failure(state, "t7.a1.g1", missing);
  ASSERT_TRUE(fact);
  const auto& check = std::get<execution::check_ended>(*fact);
  EXPECT_FALSE(check.passed);
  EXPECT_EQ(check.check, 1);
  EXPECT_EQ(check.name, "npm test");
  EXPECT_EQ(check.evidence, "it could not be started: no such file");
}

TEST(launch_failure, of_an_earlier_attempts_child_changes_nothing) {
  EXPECT_FALSE(launch_failure(task_with_gates(2), "t7.a1", missing));
}

TEST(launch_failure, of_a_cancelled_task_is_no_verdict) {
  for (const auto* child : {"t7.input", "t7.a1", "t7.a1.g0"}) {
    auto state = task_with_gates(1);
    EXPECT_TRUE(launch_failure(state, child, missing)) << child;
    state.cancelled = execution::cancel_requested{"by the user"};
    EXPECT_FALSE(launch_failure(state, child, missing)) << child;
  }
}

}  // namespace
}  // namespace nine::orchestration
