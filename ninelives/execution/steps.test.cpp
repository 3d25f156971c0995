#include "ninelives/execution/steps.hpp"

#include <gtest/gtest.h>

namespace nine::execution {
namespace {

/// Attempt 1 runs in incarnation 2; steps were begun in incarnation 1.
task_state after_a_restart() {
  task_state state;
  state.id = task_id(1);
  const event events[] = {attempt_started{attempt_number(1), 0, "a", ""},
                          incarnation_started{"t1.a1", epoch(1)},
                          step_intended{attempt_number(1), "done", effect::once, ""},
                          step_finished{attempt_number(1), "done", true, content{"r", ""}, 0, 0},
                          step_intended{attempt_number(1), "pure", effect::pure, ""},
                          step_intended{attempt_number(1), "idempotent", effect::idempotent, ""},
                          step_intended{attempt_number(1), "verifiable", effect::verifiable, ""},
                          step_intended{attempt_number(1), "once", effect::once, ""},
                          step_intended{attempt_number(1), "compensable", effect::compensable, ""},
                          incarnation_started{"t1.a1", epoch(2)}};
  for (const auto& value : events)
    EXPECT_TRUE(apply(state, value, epoch(1), {}));
  return state;
}

struct expectation {
  std::string key;
  effect kind;
  step_verdict verdict;
};

// proves: D1, D2, P3
TEST(steps, what_an_earlier_life_began_is_decided_by_the_kind_of_effect) {
  const auto state = after_a_restart();
  const expectation table[] = {
      {"new", effect::once, step_verdict::run},
      {"done", effect::once, step_verdict::finished},
      {"pure", effect::pure, step_verdict::run},
      {"idempotent", effect::idempotent, step_verdict::run},
      {"verifiable", effect::verifiable, step_verdict::verify},
      {"once", effect::once, step_verdict::uncertain},
      {"compensable", effect::compensable, step_verdict::compensate},
  };
  for (const auto& row : table) {
    EXPECT_EQ(begin_step(state, {epoch(2), attempt_number(1), row.key, row.kind}), row.verdict)
        << row.key;
  }
}

TEST(steps, a_life_that_asks_again_lost_our_answer_and_may_run) {
  auto state = after_a_restart();
  ASSERT_TRUE(
      apply(state, step_intended{attempt_number(1), "new", effect::once, ""}, epoch(2), {}));
  EXPECT_EQ(begin_step(state, {epoch(2), attempt_number(1), "new", effect::once}),
            step_verdict::run);
}

TEST(steps, that_an_earlier_life_began_stay_in_doubt_when_an_answer_about_them_is_lost) {
  auto state = after_a_restart();
  const expectation table[] = {
      {"pure", effect::pure, step_verdict::run},
      {"verifiable", effect::verifiable, step_verdict::verify},
      {"compensable", effect::compensable, step_verdict::compensate},
      {"once", effect::once, step_verdict::uncertain},
  };
  for (const auto& [key, kind, verdict] : table) {
    const event answered = verdict == step_verdict::uncertain
                               ? event(step_uncertain{attempt_number(1), key})
                               : event(step_intended{attempt_number(1), key, kind, ""});
    ASSERT_TRUE(apply(state, answered, epoch(2), {}));
    EXPECT_EQ(begin_step(state, {epoch(2), attempt_number(1), key, kind}), verdict) << key;
  }
}

/// Attempt 2 runs in incarnation 3, after attempt 1 of after_a_restart().
task_state in_the_next_attempt() {
  auto state = after_a_restart();
  const event events[] = {step_intended{attempt_number(1), "refused", effect::once, ""},
                          step_finished{attempt_number(1), "refused", false, {}, 0, 0},
                          attempt_ended{attempt_number(1), attempt_outcome::failed, "", {}},
                          attempt_started{attempt_number(2), 0, "a", ""},
                          incarnation_started{"t1.a2", epoch(3)}};
  for (const auto& value : events)
    EXPECT_TRUE(apply(state, value, epoch(2), {}));
  return state;
}

// proves: P3
TEST(steps, with_effects_outside_are_remembered_beyond_their_attempt) {
  auto state = in_the_next_attempt();
  const expectation table[] = {
      {"done", effect::once, step_verdict::finished},
      {"refused", effect::once, step_verdict::run},  // reported as failed: it did not happen
      {"pure", effect::pure, step_verdict::run},
      {"idempotent", effect::idempotent, step_verdict::run},
      {"verifiable", effect::verifiable, step_verdict::verify},
      {"once", effect::once, step_verdict::uncertain},
      {"compensable", effect::compensable, step_verdict::compensate},
  };
  for (const auto& [key, kind, verdict] : table) {
    EXPECT_EQ(begin_step(state, {epoch(3), attempt_number(2), key, kind}), verdict) << key;
    if (verdict == step_verdict::finished) continue;
    const event answered = verdict == step_verdict::uncertain
                               ? event(step_uncertain{attempt_number(2), key})
                               : event(step_intended{attempt_number(2), key, kind, ""});
    ASSERT_TRUE(apply(state, answered, epoch(3), {}));
    EXPECT_EQ(begin_step(state, {epoch(3), attempt_number(2), key, kind}), verdict)
        << key << ", asked again";
  }
  ASSERT_TRUE(apply(state, step_replayed{attempt_number(2), "done"}, epoch(3), {}));
  EXPECT_EQ(state.attempts[1].steps.at("done").result.text, "r");
  EXPECT_EQ(begin_step(state, {epoch(3), attempt_number(2), "done", effect::once}),
            step_verdict::finished);
}

// proves: D3
TEST(steps, of_an_older_incarnation_are_fenced) {
  const auto state = after_a_restart();
  EXPECT_EQ(begin_step(state, {epoch(1), attempt_number(1), "new", effect::pure}).error().code,
            error_code::fenced);
  EXPECT_EQ(check_finish_step(state, epoch(1), attempt_number(1), "pure").error().code,
            error_code::fenced);
  EXPECT_TRUE(check_finish_step(state, epoch(2), attempt_number(1), "pure"));
}

// A late word of the last life of an attempt, before the next attempt has its first.
TEST(steps, of_an_earlier_attempt_are_fenced) {
  auto state = after_a_restart();
  const event events[] = {attempt_ended{attempt_number(1), attempt_outcome::failed, "", {}},
                          attempt_started{attempt_number(2), 0, "a", ""}};
  for (const auto& value : events)
    ASSERT_TRUE(apply(state, value, {}, {}));
  EXPECT_EQ(begin_step(state, {epoch(2), attempt_number(1), "new", effect::once}).error().code,
            error_code::fenced);
}

TEST(steps, that_make_no_sense_are_refused) {
  const auto state = after_a_restart();
  EXPECT_EQ(begin_step(state, {epoch(2), attempt_number(1), "", effect::pure}).error().code,
            error_code::invalid_argument);
  EXPECT_EQ(begin_step(state, {epoch(2), attempt_number(1), std::string(1000, 'k'), effect::pure})
                .error()
                .code,
            error_code::invalid_argument);
  EXPECT_EQ(begin_step(state, {epoch(2), attempt_number(1), "pure", effect::once}).error().code,
            error_code::invalid_argument);
  EXPECT_EQ(check_finish_step(state, epoch(2), attempt_number(1), "never").error().code,
            error_code::not_found);
  EXPECT_EQ(check_finish_step(state, epoch(2), attempt_number(1), "done").error().code,
            error_code::precondition_failed);
}

TEST(steps, end_with_their_attempt) {
  auto state = after_a_restart();
  ASSERT_TRUE(
      apply(state, attempt_ended{attempt_number(1), attempt_outcome::failed, "", {}}, {}, {}));
  EXPECT_EQ(begin_step(state, {epoch(2), attempt_number(1), "new", effect::pure}).error().code,
            error_code::fenced);
  // Not what a repeated report of a finished step is told: this one is not kept.
  EXPECT_EQ(check_finish_step(state, epoch(2), attempt_number(1), "pure").error().code,
            error_code::fenced);
}

}  // namespace
}  // namespace nine::execution
