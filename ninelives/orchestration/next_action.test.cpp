#include "ninelives/orchestration/next_action.hpp"

#include <gtest/gtest.h>

namespace nine::orchestration {
namespace {

using namespace execution;  // the facts are the language of these tests

constexpr auto accepted_at = wall_time(1'000'000s);

class no_model final : public capabilities {
  std::optional<std::string> missing_reason(const task_specification&, const configuration::agent&,
                                            const std::string&) const override {
    return "none is configured";
  }
};
class everything final : public capabilities {
  std::optional<std::string> missing_reason(const task_specification&, const configuration::agent&,
                                            const std::string&) const override {
    return {};
  }
};

/// A task with a ladder of two agents, "clever" (needs a model) and "simple" (degrades), and its
/// history.
class story {
 public:
  story() {
    task_specification specification;
    auto& plan = specification.plan;
    plan.ladder.push_back({.name = "clever", .timeout = 60s, .needs = {"model"}});
    plan.ladder.push_back({.name = "simple", .degrades = {"model"}});
    plan.validate.push_back({configuration::validation::kind::non_empty, 0});
    plan.gates.push_back({{"make test"}, true});
    plan.retries = 1;
    plan.timeout = 600s;
    state_.id = task_id(1);
    add(task_accepted{specification});
  }

  story& add(const event& value) {
    now_ += 1s;
    const auto applied = apply(state_, value, {}, now_);
    EXPECT_TRUE(applied) << applied.error().message;
    return *this;
  }
  story& pass(duration time) {
    now_ += time;
    return *this;
  }
  story& attempt(int number, int rung, std::string feedback = "") {
    const auto& agent = state_.specification.plan.ladder[static_cast<std::size_t>(rung)].name;
    return add(attempt_started{attempt_number(number), rung, agent, std::move(feedback)});
  }
  story& begin_child(const std::string& child) {
    return add(incarnation_started{child, state_.current.next()});
  }
  story& end_child(const std::string& child, environment::exit_status exit) {
    return add(incarnation_ended{child, state_.current, exit, false, false, false, ""});
  }
  story& attempt_over(int number, attempt_outcome outcome, std::string reason = "") {
    return add(attempt_ended{attempt_number(number), outcome, std::move(reason), content{"r", ""}});
  }
  story& check(int number, int index, bool passed, std::string evidence = "") {
    return add(check_ended{attempt_number(number), index, index == 0 ? "non_empty" : "make test",
                           passed, std::move(evidence)});
  }
  /// First attempt at the first rung, its agent ended well and its result was accepted so far.
  story& delivered() {
    return attempt(1, 0)
        .begin_child("t1.a1")
        .end_child("t1.a1", environment::exit_status::exited(0))
        .attempt_over(1, attempt_outcome::delivered);
  }

  action next(const capabilities& available = everything(), duration later = 0s) const {
    return next_action(state_, available, now_ + later);
  }
  action next_beside(const unheard_children& unheard, duration later) const {
    return mind_unheard(next(everything(), later), state_, unheard, now_ + later);
  }
  bool interrupted(const std::string& child, bool stop_was_asked, duration later) const {
    return is_interruption(state_, child, stop_was_asked, now_ + later);
  }
  const task_state& state() const { return state_; }

 private:
  task_state state_;
  wall_time now_ = accepted_at;
};

TEST(next_action, a_new_task_begins_its_first_attempt_at_the_first_rung) {
  EXPECT_EQ(story().next(), action(begin_attempt{{attempt_number(1), 0, "clever", ""}}));
}

TEST(next_action, what_an_agent_needs_and_lacks_is_skipped_on_record) {
  story tale;
  EXPECT_EQ(tale.next(no_model()), action(skip_rung{{0, "clever", "model", "none is configured"}}));
  tale.add(rung_skipped{0, "clever", "model", "none is configured"});
  EXPECT_EQ(tale.next(no_model()), action(begin_attempt{{attempt_number(1), 1, "simple", ""}}));
}

TEST(next_action, an_attempt_is_launched_waited_for_and_concluded) {
  story tale;
  EXPECT_EQ(tale.attempt(1, 0).next(), action(launch_agent{attempt_number(1)}));
  EXPECT_EQ(tale.begin_child("t1.a1").next(), action(wait_for_event{}));
  EXPECT_EQ(tale.end_child("t1.a1", environment::exit_status::exited(0)).next(),
            action(conclude_child{"t1.a1"}));
}

// proves: S10
TEST(next_action, an_interrupted_agent_is_launched_again_in_the_same_attempt) {
  story tale;
  tale.attempt(1, 0).begin_child("t1.a1");
  tale.add(
      incarnation_ended{"t1.a1", epoch(1), {}, false, false, true, "the machine was rebooted"});
  EXPECT_EQ(tale.next(), action(launch_agent{attempt_number(1)}));
}

TEST(next_action, the_child_that_runs_or_is_next_to_run_is_wanted_by_a_new_core) {
  story tale;
  const everything available;
  const auto wanted = [&] { return wanted_child(tale.state(), available, accepted_at + 10s); };
  EXPECT_EQ(wanted(), "");
  tale.attempt(1, 0);
  EXPECT_EQ(wanted(), "t1.a1");
  tale.begin_child("t1.a1");
  EXPECT_EQ(wanted(), "t1.a1");
  tale.end_child("t1.a1", environment::exit_status::exited(0));
  EXPECT_EQ(wanted(), "");
  tale.attempt_over(1, attempt_outcome::delivered).check(1, 0, true);
  EXPECT_EQ(wanted(), "t1.a1.g0");
}

// proves: Q2, Q3
TEST(next_action, a_delivery_passes_validators_then_gates_then_the_task_succeeds) {
  auto tale = story();
  EXPECT_EQ(tale.delivered().next(), action(run_validator{attempt_number(1), 0}));
  EXPECT_EQ(tale.check(1, 0, true).next(), action(launch_gate{attempt_number(1), 0}));
  EXPECT_EQ(tale.begin_child("t1.a1.g0").next(), action(wait_for_event{}));
  tale.end_child("t1.a1.g0", environment::exit_status::exited(0));
  EXPECT_EQ(tale.next(), action(conclude_child{"t1.a1.g0"}));
  const auto end = tale.check(1, 1, true).next();
  EXPECT_EQ(end, action(end_task{{task_status::succeeded, content{"r", ""}, {}, ""}}));
}

// proves: Q3
TEST(next_action, a_failed_check_is_feedback_for_the_next_attempt) {
  auto tale = story();
  tale.delivered().check(1, 0, false, "the result is empty");
  EXPECT_EQ(
      tale.next(),
      action(begin_attempt{{attempt_number(2), 0, "clever", "non_empty: the result is empty"}}));
}

// proves: L2, P1
TEST(next_action, after_the_retries_the_next_rung_delivers_a_degraded_result) {
  auto tale = story();
  tale.delivered()
      .check(1, 0, false, "empty")
      .attempt(2, 0)
      .attempt_over(2, attempt_outcome::failed, "exit code 1");
  EXPECT_EQ(tale.next(), action(begin_attempt{{attempt_number(3), 1, "simple", ""}}));
  tale.attempt(3, 1)
      .attempt_over(3, attempt_outcome::delivered)
      .check(3, 0, true)
      .check(3, 1, true);
  EXPECT_EQ(tale.next(),
            action(end_task{
                {task_status::degraded, content{"r", ""}, {"model"}, "clever: exit code 1"}}));
}

TEST(next_action, an_agent_that_lacks_what_it_needs_is_not_tried_again) {
  auto tale = story();
  tale.attempt(1, 0).attempt_over(1, attempt_outcome::unavailable, "the model is down");
  EXPECT_EQ(tale.next(), action(begin_attempt{{attempt_number(2), 1, "simple", ""}}));
}

// proves: P1
TEST(next_action, when_no_rung_is_left_the_task_fails_with_the_last_reason) {
  auto tale = story();
  tale.attempt(1, 0).attempt_over(1, attempt_outcome::unavailable, "down");
  tale.attempt(2, 1).attempt_over(2, attempt_outcome::failed, "exit code 1");
  tale.attempt(3, 1).attempt_over(3, attempt_outcome::failed, "exit code 2");
  const auto end = std::get<end_task>(tale.next());
  EXPECT_EQ(end.fact.status, task_status::failed);
  EXPECT_NE(end.fact.reason.find("simple: exit code 2"), std::string::npos) << end.fact.reason;
}

// proves: R1
TEST(next_action, a_child_past_its_limit_is_stopped) {
  auto tale = story();
  tale.attempt(1, 0).begin_child("t1.a1");
  EXPECT_EQ(tale.next(everything(), 50s), action(wait_for_event{}));
  EXPECT_TRUE(std::holds_alternative<stop_child>(tale.next(everything(), 61s)));
  EXPECT_EQ(next_deadline(tale.state()), tale.state().children.at("t1.a1").started_at + 60s);
}

TEST(next_action, a_childs_limit_counts_neither_waiting_nor_interruptions) {
  auto tale = story();
  tale.attempt(1, 0);
  EXPECT_EQ(tale.next(everything(), 100s), action(launch_agent{attempt_number(1)}));
  tale.begin_child("t1.a1").pass(50s);
  tale.add(incarnation_ended{"t1.a1", tale.state().current, {}, false, false, true, "stopped"});
  tale.pass(100s).begin_child("t1.a1");
  EXPECT_EQ(tale.next(everything(), 59s), action(wait_for_event{}));
  EXPECT_TRUE(std::holds_alternative<stop_child>(tale.next(everything(), 61s)));
}

TEST(next_action, a_task_that_waited_too_long_says_for_what) {
  auto tale = story();
  tale.attempt(1, 0).add(work_postponed{"no space left"});
  EXPECT_EQ(tale.next(), action(launch_agent{attempt_number(1)})) << "the driver waits, not we";
  EXPECT_EQ(tale.next(everything(), 601s), action(conclude_child{"t1.a1"}));
  EXPECT_EQ(expired_reason(tale.state(), "t1.a1", accepted_at + 700s),
            "the task's time limit has passed; it waited, for no space left");
  auto gates = story();
  gates.delivered().check(1, 0, true).add(work_postponed{"no space left"});
  const auto end = std::get<end_task>(gates.next(everything(), 601s));
  EXPECT_TRUE(end.fact.reason.ends_with("it waited, for no space left")) << end.fact.reason;
}

TEST(next_action, a_gate_that_cannot_run_ends_the_task_at_once) {
  auto tale = story();
  tale.delivered().check(1, 0, true);
  tale.add(check_ended{attempt_number(1), 1, "npn test", false, "npn: not found", true});
  const auto end = std::get<end_task>(tale.next());
  EXPECT_EQ(end.fact.status, task_status::failed);
  EXPECT_EQ(end.fact.reason,
            "the gate 'npn test' cannot be run, so no result can pass it: npn: not found");
}

TEST(next_action, a_task_past_its_limit_fails_once_nothing_runs) {
  auto tale = story();
  tale.attempt(1, 0).begin_child("t1.a1");
  EXPECT_TRUE(std::holds_alternative<stop_child>(tale.next(everything(), 601s)));
  tale.end_child("t1.a1", environment::exit_status::signalled(15));
  EXPECT_EQ(tale.next(everything(), 601s), action(conclude_child{"t1.a1"}));
  tale.attempt_over(1, attempt_outcome::timed_out, "slow");
  const auto end = std::get<end_task>(tale.next(everything(), 601s));
  EXPECT_EQ(end.fact.status, task_status::failed);
}

// proves: S16
TEST(next_action, a_cancelled_task_stops_its_child_and_ends_wherever_it_was) {
  const cancel_requested wish{"by the user"};
  EXPECT_TRUE(std::holds_alternative<end_task>(story().add(wish).next()));

  auto begun = story();
  EXPECT_EQ(begun.attempt(1, 0).add(wish).next(), action(conclude_child{"t1.a1"}));

  auto runs = story();
  runs.attempt(1, 0).begin_child("t1.a1").add(wish);
  EXPECT_EQ(runs.next(), action(stop_child{"t1.a1", "cancelled: by the user"}));
  runs.end_child("t1.a1", environment::exit_status::signalled(15));
  EXPECT_EQ(runs.next(), action(conclude_child{"t1.a1"}));
  runs.attempt_over(1, attempt_outcome::cancelled);
  EXPECT_EQ(std::get<end_task>(runs.next()).fact.status, task_status::cancelled);

  auto gated = story();
  gated.delivered().check(1, 0, true).add(wish);
  EXPECT_EQ(std::get<end_task>(gated.next()).fact.status, task_status::cancelled);
}

// proves: S16
TEST(next_action, nothing_follows_the_end) {
  auto tale = story();
  tale.add(task_ended{});
  EXPECT_EQ(tale.next(everything(), 1'000'000s), action(wait_for_event{}));
  EXPECT_EQ(next_deadline(tale.state()), std::nullopt);
}

TEST(next_action, the_input_is_captured_before_the_first_attempt) {
  task_specification specification;
  specification.plan.ladder.push_back({.name = "clever"});
  specification.plan.input.command = {{"git diff"}, true};
  task_state state;
  state.id = task_id(1);
  const everything available;
  ASSERT_TRUE(apply(state, task_accepted{specification}, {}, accepted_at));
  EXPECT_EQ(next_action(state, available, accepted_at), action(capture_input{}));
  ASSERT_TRUE(apply(state, incarnation_started{"t1.input", epoch(1)}, {}, accepted_at));
  EXPECT_EQ(next_action(state, available, accepted_at), action(wait_for_event{}));
  ASSERT_TRUE(apply(state,
                    incarnation_ended{"t1.input", epoch(1), environment::exit_status::exited(0)},
                    {}, accepted_at));
  EXPECT_EQ(next_action(state, available, accepted_at), action(conclude_child{"t1.input"}));
  ASSERT_TRUE(apply(state, input_captured{content{"diff", ""}}, {}, accepted_at));
  EXPECT_TRUE(std::holds_alternative<begin_attempt>(next_action(state, available, accepted_at)));
}

// proves: S8
TEST(next_action, nothing_begins_or_is_concluded_beside_a_child_that_no_fact_tells_of) {
  const cancel_requested wish{"by the user"};
  const auto fresh = story();
  auto begun = story();
  begun.attempt(1, 0);
  auto runs = begun;
  runs.begin_child("t1.a1");
  auto ended = runs;
  ended.end_child("t1.a1", environment::exit_status::exited(0));
  auto cancelled = begun;
  cancelled.add(wish);
  auto checked = story();
  checked.delivered().check(1, 0, true);
  struct expectation {
    const char* what;
    const story& tale;
    unheard_children unheard;
    duration later;
    action next;
  };
  const action wait = wait_for_event{};
  const expectation cases[] = {
      {"nothing in the way", begun, {}, 0s, launch_agent{attempt_number(1)}},
      {"it may run already", begun, {"t1.a1", false}, 0s, wait},
      {"so may the gate", checked, {"t1.a1.g0", false}, 0s, wait},
      {"another child is expected",
       checked,
       {"t1.a1", false},
       0s,
       stop_child{"t1.a1", "its task does not need it any more"}},
      {"cancelled", cancelled, {"t1.a1", false}, 0s, stop_child{"t1.a1", "cancelled: by the user"}},
      {"too late",
       begun,
       {"t1.a1", false},
       600s,
       stop_child{"t1.a1", "the task's time limit has passed"}},
      {"a stray before the first attempt", fresh, {"", true}, 0s, wait},
      {"a stray before an agent", begun, {"", true}, 0s, wait},
      {"a stray before a verdict", ended, {"", true}, 0s, wait},
      {"a stray before the end", cancelled, {"", true}, 0s, wait},
      {"both", begun, {"t1.a1", true}, 0s, wait},
      {"what runs is stopped all the same",
       runs,
       {"", true},
       60s,
       stop_child{"t1.a1", "its time limit has passed"}},
  };
  for (const auto& [what, tale, unheard, later, next] : cases)
    EXPECT_EQ(tale.next_beside(unheard, later), next) << what;
}

// proves: S16
TEST(next_action, knows_an_interruption_from_an_ending_that_counts) {
  const auto limit = 60s;
  auto runs = story();
  runs.attempt(1, 0).begin_child("t1.a1");
  EXPECT_TRUE(runs.interrupted("t1.a1", true, 0s));
  EXPECT_FALSE(runs.interrupted("t1.a1", false, 0s)) << "it ended by itself";
  EXPECT_FALSE(runs.interrupted("t1.a1", true, limit)) << "its time was up";
  runs.add(cancel_requested{"by the user"});
  EXPECT_FALSE(runs.interrupted("t1.a1", true, 0s)) << "its task is cancelled";
}

TEST(next_action, doubts_a_result_that_was_written_before_the_machine_was_restarted) {
  struct expectation {
    std::string ran_in;
    environment::exit_status exit;
    std::string doubted;
  };
  const expectation cases[] = {
      {"boot-1", environment::exit_status::exited(0), "t1.a1"},
      {"boot-2", environment::exit_status::exited(0), ""},
      {"", environment::exit_status::exited(0), ""},       // not known
      {"boot-1", environment::exit_status::exited(1), ""}  // it failed, whatever it wrote
  };
  for (const auto& [ran_in, exit, doubted] : cases) {
    story one;
    one.attempt(1, 0).begin_child("t1.a1");
    one.add(incarnation_running{"t1.a1", epoch(1), {.pid = 7, .boot_id = ran_in}});
    one.end_child("t1.a1", exit);
    EXPECT_EQ(child_with_doubtful_result(one.state(), everything(), accepted_at + 9s, "boot-2"),
              doubted);
  }
}

}  // namespace
}  // namespace nine::orchestration
