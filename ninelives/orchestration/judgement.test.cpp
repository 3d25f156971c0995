#include "ninelives/orchestration/judgement.hpp"

#include <gtest/gtest.h>

namespace nine::orchestration {
namespace {

using namespace execution;  // the facts are the language of these tests
using environment::exit_status;

constexpr auto start = wall_time(1'000'000s);

task_state after_exit(exit_status exit, std::string reason = "") {
  task_specification specification;
  specification.plan.ladder.push_back({.name = "one", .timeout = 60s});
  task_state state;
  state.id = task_id(1);
  const event events[] = {
      task_accepted{specification}, attempt_started{attempt_number(1), 0, "one", ""},
      incarnation_started{"t1.a1", epoch(1)},
      incarnation_ended{"t1.a1", epoch(1), exit, false, false, false, std::move(reason)}};
  for (const auto& value : events)
    EXPECT_TRUE(apply(state, value, {}, start));
  return state;
}

leavings said(std::string result, std::string errors = "") {
  return {std::move(result), std::move(errors)};
}

attempt_ended judge(const task_state& state, leavings left, duration later = 1s) {
  return judge_attempt(state, state.specification.plan.ladder[0], std::move(left), start + later);
}

TEST(judgement, an_agent_that_ended_well_delivered_what_it_printed) {
  const auto end = judge(after_exit(exit_status::exited(0)), said("answer\n\n"));
  EXPECT_EQ(end.outcome, attempt_outcome::delivered);
  EXPECT_EQ(end.result.text, "answer");
}

TEST(judgement, a_result_file_counts_only_when_it_was_written_since_the_attempts_before) {
  auto state = after_exit(exit_status::exited(0));
  EXPECT_TRUE(was_written_again(state, 7));
  state.attempts[0].ended = attempt_ended{.result_file_ns = 7};
  EXPECT_FALSE(was_written_again(state, 7));
  EXPECT_TRUE(was_written_again(state, 8));
}

TEST(judgement, a_result_that_cannot_be_had_is_a_failure_with_the_reason) {
  const auto end = judge(after_exit(exit_status::exited(0)),
                         {fail(error_code::not_found, "no file out.txt"), ""});
  EXPECT_EQ(end.outcome, attempt_outcome::failed);
  EXPECT_EQ(end.reason, "no file out.txt");
}

TEST(judgement, a_program_that_cannot_run_is_unavailable_and_not_tried_again) {
  auto state = after_exit(exit_status{}, "no such program");
  state.children["t1.a1"].cannot_run = true;
  const auto end = judge(state, said(""));
  EXPECT_EQ(end.outcome, attempt_outcome::unavailable);
  EXPECT_EQ(end.reason, "it could not be started: no such program");
  auto of_shell = after_exit(exit_status::exited(127));
  EXPECT_EQ(judge(of_shell, said("", "sh: nosuch: not found")).outcome, attempt_outcome::failed);
  of_shell.specification.plan.ladder[0].command = {.words = {"nosuch"}, .shell = true};
  EXPECT_EQ(judge(of_shell, said("", "sh: nosuch: not found")).outcome,
            attempt_outcome::unavailable);
}

TEST(judgement, by_exit_code_alone_no_output_is_needed) {
  auto state = after_exit(exit_status::exited(0));
  state.specification.plan.ladder[0].result.from = configuration::result_source::kind::exit_code;
  EXPECT_EQ(judge(state, {fail(error_code::not_found, "nothing"), ""}).outcome,
            attempt_outcome::delivered);
}

TEST(judgement, a_bad_end_is_told_with_what_the_agent_said) {
  const auto end = judge(after_exit(exit_status::exited(3)), said("", "first\nsecond\n"));
  EXPECT_EQ(end.outcome, attempt_outcome::failed);
  EXPECT_EQ(end.reason, "exit code 3; it said: first\nsecond");
  EXPECT_EQ(judge(after_exit(exit_status::signalled(9), "crashed too often"), said("")).reason,
            "signal 9, crashed too often");
  EXPECT_EQ(judge(after_exit(exit_status{}, "no such program"), said("")).reason,
            "no such program");
}

TEST(judgement, of_our_own_agents_log_the_last_line_is_the_reason) {
  auto state = after_exit(exit_status::exited(1));
  state.specification.plan.ladder[0].kind = configuration::agent_kind::model;
  const auto end = judge(state, said("", "{\"level\":\"warning\"}\nthe answer was no message\n"));
  EXPECT_EQ(end.reason, "exit code 1; it said: the answer was no message");
}

TEST(judgement, exit_code_69_says_that_trying_again_is_no_use) {
  const auto end =
      judge(after_exit(exit_status::exited(69)), said("", "warning\nno route to the model\n"));
  EXPECT_EQ(end.outcome, attempt_outcome::unavailable);
  EXPECT_EQ(end.reason, "no route to the model");
}

TEST(judgement, who_was_asked_to_end_did_not_deliver_however_politely_it_went) {
  auto state = after_exit(exit_status::exited(0));
  state.children["t1.a1"].asked = true;
  EXPECT_EQ(judge(state, said("half an answer"), 61s).outcome, attempt_outcome::timed_out);
  EXPECT_EQ(judge(state, said("half an answer")).outcome, attempt_outcome::failed);
}

TEST(judgement, past_the_limit_it_was_too_slow_unless_it_made_it_after_all) {
  EXPECT_EQ(judge(after_exit(exit_status::signalled(15)), said(""), 61s).outcome,
            attempt_outcome::timed_out);
  EXPECT_EQ(judge(after_exit(exit_status::exited(0)), said("r"), 61s).outcome,
            attempt_outcome::delivered);
}

TEST(judgement, of_a_cancelled_task_is_that_it_was_cancelled) {
  auto state = after_exit(exit_status::exited(0));
  ASSERT_TRUE(apply(state, cancel_requested{"by the user"}, {}, start));
  EXPECT_EQ(judge(state, said("r")).outcome, attempt_outcome::cancelled);
}

// proves: Q2
TEST(judgement, a_gate_passes_by_its_exit_code_and_shows_its_output) {
  const auto state = after_exit(exit_status::exited(0));
  const auto passed =
      judge_gate(state, 2, "make test", {.exit = exit_status::exited(0)}, "3 passed\n");
  EXPECT_TRUE(passed.passed);
  EXPECT_EQ(passed.evidence, "exit code 0\n3 passed");
  EXPECT_EQ(passed.check, 2);
  EXPECT_FALSE(judge_gate(state, 2, "make test", {.exit = exit_status::exited(1)}, "").passed);
  EXPECT_FALSE(judge_gate(state, 2, "make test", {.exit = exit_status{}}, "").passed);
}

TEST(judgement, a_gate_that_was_cut_off_has_not_passed) {
  const auto state = after_exit(exit_status::exited(0));
  const execution::child_state cut_off{.exit = exit_status::exited(0), .asked = true};
  EXPECT_FALSE(judge_gate(state, 0, "make test", cut_off, "").passed);
}

TEST(judgement, a_gate_that_is_not_there_is_told_from_one_that_fails) {
  struct row {
    const char* command;
    execution::child_state child;
    const char* output;
    bool cannot_run;
  };
  const execution::child_state not_found{.exit = exit_status::exited(127)};
  const row table[] = {
      {"npn test", not_found, "sh: 1: npn: not found", true},
      {"npn test", not_found, "bash: line 1: npn: command not found", true},
      {"npm test", not_found, "sh: 1: jest: not found", false},    // the agent may install it
      {"./check", not_found, "sh: 1: ./check: not found", false},  // the agent may write it
      {"npn test", {.exit = exit_status::exited(1)}, "sh: 1: npn: not found", false},
      {"check", {.cannot_run = true}, "", true},
  };
  for (const auto& [command, child, output, cannot_run] : table) {
    const auto verdict = judge_gate(after_exit(exit_status::exited(0)), 0, command, child, output);
    EXPECT_EQ(verdict.cannot_run, cannot_run) << command << ": " << output;
    EXPECT_FALSE(verdict.passed);
  }
}

TEST(judgement, a_tail_begins_with_a_whole_line) {
  EXPECT_EQ(tail_of("one\ntwo\nthree", 8), "three");
  EXPECT_EQ(tail_of("one\ntwo", 100), "one\ntwo");
  EXPECT_EQ(tail_of("abcdefgh", 3), "fgh");
}

}  // namespace
}  // namespace nine::orchestration
