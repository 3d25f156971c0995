#include "ninelives/execution/task_state.hpp"

#include <gtest/gtest.h>

namespace nine::execution {
namespace {

constexpr auto start_of_time = wall_time(1'000s);

/// Builds facts as a core would write them.
class history {
 public:
  history& add(const event& value, epoch writer = {}) {
    const auto record = to_record(task_id(7), value);
    facts_.push_back({sequence(static_cast<std::int64_t>(facts_.size()) + 1), task_id(7), writer,
                      start_of_time + facts_.size() * 1s, record.kind, record.body});
    return *this;
  }
  result<task_state> state() const { return fold(facts_); }

 private:
  std::vector<journal::fact> facts_;
};

history accepted() {
  history facts;
  task_specification specification;
  specification.plan.ladder.push_back({.name = "model", .command = {.words = {"true"}}});
  facts.add(task_accepted{specification});
  return facts;
}

history running() {
  auto facts = accepted();
  facts.add(attempt_started{attempt_number(1), 0, "model", ""});
  facts.add(incarnation_started{"t7.a1", epoch(1)});
  return facts;
}

TEST(task_state, is_what_the_facts_say) {
  auto facts = running();
  facts.add(step_intended{attempt_number(1), "model-1", effect::pure, ""}, epoch(1));
  facts.add(step_finished{attempt_number(1), "model-1", true, content{"answer", ""}, 10, 3},
            epoch(1));
  facts.add(incarnation_ended{"t7.a1", epoch(1), environment::exit_status::signalled(9), false,
                              true, false, ""});
  facts.add(incarnation_started{"t7.a1", epoch(2)});
  facts.add(step_replayed{attempt_number(1), "model-1"}, epoch(2));
  facts.add(incarnation_ended{"t7.a1", epoch(2), environment::exit_status::exited(0), false, false,
                              false, ""});
  facts.add(
      attempt_ended{attempt_number(1), attempt_outcome::delivered, "", content{"answer", ""}});
  facts.add(check_ended{attempt_number(1), 0, "non_empty", true, ""});
  facts.add(task_ended{task_status::succeeded, content{"answer", ""}, {}, ""});
  const auto state = facts.state();
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->current, epoch(2));
  EXPECT_EQ(state->restarts(), 1);
  EXPECT_EQ(state->replayed_steps, 1);
  EXPECT_EQ(state->output_tokens, 3);
  EXPECT_EQ(state->live_child(), nullptr);
  EXPECT_EQ(state->ended->status, task_status::succeeded);
  EXPECT_EQ(state->ended_at - state->accepted_at, duration(11s));
}

TEST(task_state, a_late_word_of_an_older_life_changes_nothing) {
  auto facts = running();
  facts.add(incarnation_started{"t7.a1", epoch(2)});
  facts.add(incarnation_ended{"t7.a1", epoch(1), environment::exit_status::exited(0), false, false,
                              false, ""});
  const auto state = facts.state();
  ASSERT_TRUE(state);
  ASSERT_NE(state->live_child(), nullptr);
  EXPECT_EQ(*state->live_child(), "t7.a1");
}

// proves: S4, D10
TEST(task_state, crashes_are_remembered_and_asked_endings_are_none) {
  auto facts = running();
  facts.add(incarnation_ended{"t7.a1", epoch(1), environment::exit_status::signalled(9), false,
                              true, false, ""});
  facts.add(incarnation_started{"t7.a1", epoch(2)});
  facts.add(incarnation_ended{"t7.a1", epoch(2), environment::exit_status::signalled(15), true,
                              true, false, ""});
  facts.add(incarnation_started{"t7.a1", epoch(3)});
  facts.add(incarnation_ended{"t7.a1", epoch(3), environment::exit_status{}, false, false, true,
                              "reboot"});
  const auto state = facts.state();
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->children.at("t7.a1").crashes.size(), 1u);
}

struct impossible_history {
  std::string name;
  history facts;
};

// proves: D3
TEST(task_state, facts_that_cannot_follow_each_other_are_corruption) {
  const impossible_history table[] = {
      {"no facts at all", history()},
      {"does not begin with acceptance", history().add(cancel_requested{"x"})},
      {"accepted twice", accepted().add(task_accepted{accepted().state()->specification})},
      {"an epoch that does not rise", running().add(incarnation_started{"t7.a1", epoch(1)})},
      {"an attempt out of order", running().add(attempt_started{attempt_number(3), 0, "a", ""})},
      {"a result without an intent",
       running().add(step_finished{attempt_number(1), "k", true, {}, 0, 0})},
      {"a check out of order", running().add(check_ended{attempt_number(1), 1, "g", true, ""})},
      {"something after the end", accepted().add(task_ended{}).add(cancel_requested{"x"})},
  };
  for (const auto& row : table)
    EXPECT_FALSE(row.facts.state()) << row.name;
}

// proves: D1
TEST(task_state, a_finished_step_is_never_begun_or_finished_again) {
  auto facts = running();
  facts.add(step_intended{attempt_number(1), "k", effect::pure, ""});
  facts.add(step_finished{attempt_number(1), "k", true, {}, 0, 0});
  EXPECT_TRUE(facts.state());
  EXPECT_FALSE(history(facts).add(step_intended{attempt_number(1), "k", effect::pure, ""}).state());
  EXPECT_FALSE(history(facts).add(step_finished{attempt_number(1), "k", true, {}, 0, 0}).state());
}

TEST(task_state, child_names_tell_their_task) {
  EXPECT_EQ(task_of_child(attempt_child(task_id(12), attempt_number(3))), task_id(12));
  EXPECT_EQ(task_of_child(gate_child(task_id(12), attempt_number(3), 0)), task_id(12));
  EXPECT_EQ(task_of_child(input_child(task_id(12))), task_id(12));
  EXPECT_EQ(task_of_child("x"), task_id());
  EXPECT_EQ(task_of_child("tx.a1"), task_id());
}

}  // namespace
}  // namespace nine::execution
