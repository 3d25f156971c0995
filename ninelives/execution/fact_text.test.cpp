#include "ninelives/execution/fact_text.hpp"

#include <gtest/gtest.h>

namespace nine::execution {
namespace {

using environment::exit_status;

// proves: P5
TEST(fact_text, says_what_happened_and_why) {
  task_accepted accepted;
  accepted.specification.text = "the user's words";
  accepted.specification.directory = "/work";
  auto of_type = accepted;
  of_type.specification.plan.type = "commit-message";
  const std::pair<event, const char*> table[] = {
      {accepted, "accepted a task in /work"},
      {of_type, "accepted a task of type commit-message in /work"},
      {rung_skipped{0, "codex", "model", "no model"}, "agent codex is passed over: no model"},
      {attempt_started{attempt_number(2), 0, "codex", ""}, "attempt 2 by agent codex begins"},
      {incarnation_running{"t1.a1", epoch(1), {.pid = 12}}, "t1.a1 runs as process 12"},
      {incarnation_ended{.child = "t1.a1", .exit = exit_status::signalled(9), .will_restart = true},
       "t1.a1 ended: signal 9; it is started again"},
      {incarnation_ended{.child = "t1.a1", .exit = exit_status::exited(0), .asked = true},
       "t1.a1 ended as asked: exit code 0"},
      {step_uncertain{attempt_number(1), "pay"},
       "nobody knows whether step pay happened; it is not done again"},
      {attempt_ended{attempt_number(1), attempt_outcome::failed, "exit code 3", {}},
       "attempt 1 failed: exit code 3"},
      {check_ended{attempt_number(1), 0, "npm test", false, "2 failed"}, "check npm test failed"},
      {work_postponed{"t1.a1: no space left"}, "waits: t1.a1: no space left"},
      {task_ended{task_status::failed, {}, {}, "no agent is left"},
       "the task ended failed: no agent is left"},
  };
  for (const auto& [fact, sentence] : table)
    EXPECT_EQ(sentence_of(fact), sentence);
}

}  // namespace
}  // namespace nine::execution
