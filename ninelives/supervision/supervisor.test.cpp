#include "ninelives/supervision/supervisor.hpp"

#include <gtest/gtest.h>

#include <cctype>

#include "ninelives/supervision/supervisor_stage.test.hpp"

// Scenario numbers are those of the project's list of OTP's own supervisor tests
// (supervisor_SUITE), as far as they make sense for one supervisor: OTP n in the comments and
// tables below.

namespace nine::supervision {
namespace {

struct step {
  std::string command;
  std::string expected;
};

struct scenario {
  std::string name;
  std::string otp;  ///< numbers of the scenarios it covers
  supervisor_flags flags;
  std::vector<step> steps;
};

supervisor_flags with_intensity(strategy how, std::size_t restarts) {
  auto flags = without_delays(how);
  flags.intensity = {restarts, 60s};
  return flags;
}

supervisor_flags with_mode(auto_shutdown mode, strategy how = strategy::one_for_one) {
  auto flags = without_delays(how);
  flags.mode = mode;
  return flags;
}

class otp_scenario : public testing::TestWithParam<scenario> {};

// proves: S2, S3
TEST_P(otp_scenario, holds) {
  const auto& row = GetParam();
  stage stage(row.flags);
  int number = 0;
  for (const auto& step : row.steps)
    ASSERT_EQ(stage.play(step.command), step.expected)
        << "step " << ++number << " '" << step.command << "' of OTP " << row.otp;
}

const auto one = strategy::one_for_one;
const auto all = strategy::one_for_all;
const auto rest = strategy::rest_for_one;

const std::vector<scenario> start_and_stop = {
    {"an_empty_supervisor_starts_and_stops",
     "1",
     without_delays(),
     {{"start", ""}, {"stop-all", "end:stopped"}, {"stop-all", ""}}},
    {"children_start_in_order_and_stop_in_reverse",
     "1 47",
     without_delays(),
     {{"start b d a c", "+b +d +a +c"}, {"stop-all", "-c -a -d -b end:stopped"}}},
    {"each_start_waits_for_the_one_before",
     "47",
     without_delays(),
     {{"by-hand", ""}, {"start a b", "+a"}, {"wait 1000", ""}, {"up a", "+b"}, {"up b", ""}}},
    {"each_stop_waits_for_the_one_before",
     "14 47",
     without_delays(),
     {{"start a b", "+a +b"},
      {"by-hand", ""},
      {"stop-all", "-b"},
      {"wait 1000", ""},
      {"exit b", "-a"},
      {"crash a", "end:stopped"}}},
    {"a_failing_child_fails_the_whole_start_and_the_others_stop",
     "6 7",
     without_delays(),
     {{"refuse c 1", ""}, {"start a b c d", "+a +b +c! -b -a end:start_failed"}}},
    {"bad_and_duplicate_specifications_are_refused_and_nothing_starts",
     "12 21",
     without_delays(),
     {{"start a a", "already_exists"}, {"start a b:significant", "invalid_argument"}}},
    {"children_that_exit_during_the_shutdown_are_not_restarted",
     "16 17",
     without_delays(),
     {{"start a b c", "+a +b +c"},
      {"by-hand", ""},
      {"stop-all", "-c"},
      {"crash a", ""},
      {"finish b", ""},
      {"crash c", "end:stopped"}}},
    {"a_stop_during_the_first_start_waits_for_it_then_stops_all",
     "16",
     without_delays(),
     {{"by-hand", ""},
      {"start a b", "+a"},
      {"stop-all", ""},
      {"up a", "-a"},
      {"exit a", "end:stopped"}}},
    {"a_start_that_fails_while_all_stops_ends_it",
     "16",
     without_delays(),
     {{"by-hand", ""}, {"start a b", "+a"}, {"stop-all", ""}, {"broken a", "end:stopped"}}},
};

const std::vector<scenario> administration = {
    {"a_running_child_cannot_be_added_restarted_or_deleted",
     "18",
     without_delays(),
     {{"start a", "+a"},
      {"add a", "already_exists"},
      {"restart a", "already_exists"},
      {"delete a", "precondition_failed"}}},
    {"stopping_is_idempotent_and_keeps_the_specification",
     "18",
     without_delays(),
     {{"start a", "+a"},
      {"stop a", "-a"},
      {"stop a", ""},
      {"add a", "already_exists"},
      {"restart a", "+a"}}},
    {"a_deleted_child_is_unknown",
     "18",
     without_delays(),
     {{"start a", "+a"},
      {"stop a", "-a"},
      {"delete a", ""},
      {"restart a", "not_found"},
      {"stop a", "not_found"},
      {"delete a", "not_found"},
      {"add a", "+a"}}},
    {"a_manual_restart_that_fails_leaves_the_child_down_and_the_rest_alive",
     "8",
     without_delays(),
     {{"start a b", "+a +b"},
      {"stop a", "-a"},
      {"refuse a 1", ""},
      {"restart a", "+a!"},
      {"wait 1000", ""},
      {"restart a", "+a"}}},
    {"an_added_child_that_cannot_start_is_forgotten",
     "9",
     without_delays(),
     {{"start a", "+a"},
      {"refuse d 1", ""},
      {"add d", "+d!"},
      {"stop d", "not_found"},
      {"add d", "+d"}}},
    {"manual_restarts_are_not_charged",
     "18",
     with_intensity(one, 0),
     {{"start a", "+a"},
      {"stop a", "-a"},
      {"restart a", "+a"},
      {"stop a", "-a"},
      {"restart a", "+a"}}},
    {"nothing_can_be_added_while_all_ends",
     "18",
     without_delays(),
     {{"add a", "precondition_failed"},
      {"start b", "+b"},
      {"by-hand", ""},
      {"stop-all", "-b"},
      {"add a", "precondition_failed"},
      {"restart b", "precondition_failed"},
      {"exit b", "end:stopped"},
      {"add a", "precondition_failed"}}},
    {"a_child_stopped_while_it_starts_goes_down_once_started",
     "18",
     without_delays(),
     {{"by-hand", ""},
      {"start a", "+a"},
      {"stop a", ""},
      {"up a", "-a"},
      {"exit a", ""},
      {"delete a", ""}}},
};

const std::vector<scenario> restart_types = {
    {"permanent_is_restarted_after_a_normal_end",
     "23",
     without_delays(),
     {{"start a", "+a"}, {"finish a", "+a"}}},
    {"permanent_is_restarted_after_shutdown",
     "24",
     without_delays(),
     {{"start a", "+a"}, {"exit a", "+a"}}},
    {"permanent_is_restarted_after_a_crash",
     "25",
     without_delays(),
     {{"start a", "+a"}, {"crash a", "+a"}}},
    {"transient_stays_down_after_a_normal_end_and_can_be_restarted_by_hand",
     "26",
     without_delays(),
     {{"start a:transient", "+a"}, {"finish a", ""}, {"restart a", "+a"}}},
    {"transient_stays_down_after_shutdown",
     "27",
     without_delays(),
     {{"start a:transient", "+a"}, {"exit a", ""}, {"restart a", "+a"}}},
    {"transient_is_restarted_after_a_crash",
     "28",
     without_delays(),
     {{"start a:transient", "+a"}, {"crash a", "+a"}}},
    {"temporary_is_forgotten_after_a_normal_end",
     "29 51",
     without_delays(),
     {{"start a:temporary", "+a"},
      {"finish a", ""},
      {"restart a", "not_found"},
      {"add a:temporary", "+a"}}},
    {"temporary_is_forgotten_after_shutdown",
     "30",
     without_delays(),
     {{"start a:temporary", "+a"}, {"exit a", ""}, {"restart a", "not_found"}}},
    {"temporary_is_forgotten_after_a_crash",
     "31",
     without_delays(),
     {{"start a:temporary", "+a"}, {"crash a", ""}, {"restart a", "not_found"}}},
    {"temporary_is_forgotten_when_stopped_by_hand",
     "18",
     without_delays(),
     {{"start a:temporary", "+a"}, {"stop a", "-a"}, {"restart a", "not_found"}}},
    {"a_temporary_bystander_of_one_for_all_is_not_restarted",
     "32",
     without_delays(all),
     {{"start a b:temporary c", "+a +b +c"},
      {"crash a", "-c -b +a +c"},
      {"restart b", "not_found"}}},
    {"a_temporary_bystander_of_rest_for_one_is_not_restarted",
     "32",
     without_delays(rest),
     {{"start a b:temporary", "+a +b"}, {"crash a", "-b +a"}, {"restart b", "not_found"}}},
    {"normal_ends_of_transient_and_temporary_children_cost_nothing",
     "33",
     with_intensity(one, 0),
     {{"start a:transient b:temporary c:temporary", "+a +b +c"},
      {"finish a", ""},
      {"finish b", ""},
      {"crash c", ""},
      {"stop-all", "end:stopped"}}},
};

const std::vector<scenario> strategies = {
    {"one_for_one_leaves_the_sibling_alone",
     "34",
     with_intensity(one, 2),
     {{"start a b", "+a +b"},
      {"crash a", "+a"},
      {"crash a", "+a"},
      {"crash a", "-b end:restart_intensity_exceeded"}}},
    {"one_for_one_gives_up_on_a_child_that_cannot_start_again",
     "35",
     with_intensity(one, 4),
     {{"start a b", "+a +b"},
      {"refuse a 99", ""},
      {"crash a", "+a! +a! +a! +a! -b end:restart_intensity_exceeded"}}},
    {"one_for_all_restarts_all",
     "36",
     with_intensity(all, 2),
     {{"start a b", "+a +b"},
      {"crash a", "-b +a +b"},
      {"crash b", "-a +a +b"},
      {"crash a", "-b end:restart_intensity_exceeded"}}},
    {"one_for_all_gives_up_when_a_sibling_cannot_start_again",
     "37",
     with_intensity(all, 4),
     {{"start a b", "+a +b"},
      {"refuse b 99", ""},
      {"crash a", "-b +a +b! -a +a +b! -a +a +b! -a +a +b! -a end:restart_intensity_exceeded"}}},
    {"one_for_all_stops_the_restarted_child_again_when_another_fails",
     "38",
     with_intensity(all, 4),
     {{"start a b", "+a +b"}, {"refuse b 1", ""}, {"crash a", "-b +a +b! -a +a +b"}}},
    {"rest_for_one_restarts_those_started_later",
     "39",
     with_intensity(rest, 2),
     {{"start a b c", "+a +b +c"},
      {"crash b", "-c +b +c"},
      {"crash c", "+c"},
      {"crash b", "-c -a end:restart_intensity_exceeded"}}},
    {"rest_for_one_gives_up_when_a_later_sibling_cannot_start_again",
     "40",
     with_intensity(rest, 4),
     {{"start a b", "+a +b"},
      {"refuse b 99", ""},
      {"crash a", "-b +a +b! +b! +b! +b! -a end:restart_intensity_exceeded"}}},
    {"rest_for_one_retries_only_the_sibling_that_failed",
     "41",
     with_intensity(rest, 4),
     {{"start a b c", "+a +b +c"}, {"refuse b 1", ""}, {"crash a", "-c -b +a +b! +b +c"}}},
    {"rest_for_one_stops_in_reverse_and_starts_in_order",
     "47",
     without_delays(rest),
     {{"start e d c b a", "+e +d +c +b +a"}, {"crash d", "-a -b -c +d +c +b +a"}}},
    {"added_children_share_the_fate_of_the_group",
     "42",
     without_delays(all),
     {{"start a", "+a"}, {"add d", "+d"}, {"crash a", "-d +a +d"}}},
    {"a_round_costs_one_restart_whatever_its_size",
     "36",
     with_intensity(all, 1),
     {{"start a b c d", "+a +b +c +d"}, {"crash c", "-d -b -a +a +b +c +d"}}},
    {"a_sibling_that_dies_while_the_round_stops_it_costs_nothing",
     "36",
     with_intensity(all, 1),
     {{"start a b c", "+a +b +c"},
      {"by-hand", ""},
      {"crash a", "-c"},
      {"crash b", ""},
      {"exit c", "+a"},
      {"up a", "+b"},
      {"up b", "+c"},
      {"up c", ""}}},
    {"a_child_that_dies_again_in_its_round_is_charged_again",
     "36",
     with_intensity(all, 1),
     {{"start a b", "+a +b"},
      {"by-hand", ""},
      {"crash a", "-b"},
      {"exit b", "+a"},
      {"up a", "+b"},
      {"crash a", ""},
      {"up b", "-b"},
      {"exit b", "end:restart_intensity_exceeded"}}},
    {"what_was_stopped_on_purpose_stays_down_in_a_round",
     "S16",
     without_delays(all),
     {{"start a b c", "+a +b +c"}, {"stop b", "-b"}, {"crash a", "-c +a +c"}}},
    {"a_transient_child_that_finished_stays_down_in_a_round",
     "S16",
     without_delays(all),
     {{"start a b:transient", "+a +b"}, {"finish b", ""}, {"crash a", "+a"}}},
};

const std::vector<scenario> hanging_restarts = {
    {"while_a_child_waits_for_its_restart_only_stop_works",
     "48",
     slow_restarts(one),
     {{"start a b", "+a +b"},
      {"refuse a 1", ""},
      {"crash a", "+a!"},
      {"restart a", "precondition_failed"},
      {"delete a", "precondition_failed"},
      {"add a", "already_exists"},
      {"stop a", ""},
      {"wait 60000", ""},
      {"restart a", "+a"}}},
    {"a_delayed_restart_happens_when_its_time_has_come",
     "48",
     slow_restarts(one),
     {{"start a", "+a"},
      {"crash a", "+a"},
      {"crash a", ""},
      {"wait 4000", ""},
      {"wait 10000", "+a"}}},
    {"a_stop_of_all_does_not_wait_for_a_delayed_restart",
     "48",
     slow_restarts(one),
     {{"start a b", "+a +b"}, {"crash a", "+a"}, {"crash a", ""}, {"stop-all", "-b end:stopped"}}},
    {"a_delayed_child_of_rest_for_one_holds_back_those_after_it",
     "48",
     slow_restarts(rest),
     {{"start a b c", "+a +b +c"},
      {"crash b", "-c +b +c"},
      {"crash b", "-c"},
      {"wait 1000", ""},
      {"wait 10000", "+b +c"}}},
    {"a_whole_round_of_one_for_all_waits_for_the_delay_of_the_failed_child",
     "48",
     slow_restarts(all),
     {{"start a b", "+a +b"},
      {"crash b", "-a +a +b"},
      {"crash b", "-a"},
      {"wait 1000", ""},
      {"wait 10000", "+a +b"}}},
    {"a_crash_elsewhere_is_handled_while_a_restart_is_delayed",
     "48",
     slow_restarts(rest),
     {{"start a b", "+a +b"},
      {"crash b", "+b"},
      {"crash b", ""},
      {"crash a", "+a"},
      {"wait 10000", "+b"}}},
    {"one_for_one_siblings_restart_side_by_side",
     "48",
     without_delays(one),
     {{"start a b", "+a +b"},
      {"by-hand", ""},
      {"crash a", "+a"},
      {"crash b", "+b"},
      {"up b", ""},
      {"up a", ""}}},
};

const std::vector<scenario> significant_children = {
    {"insignificant_children_never_shut_the_supervisor_down",
     "55 56",
     with_mode(auto_shutdown::any_significant),
     {{"start a:temporary b:transient c", "+a +b +c"}, {"crash a", ""}, {"finish b", ""}}},
    {"any_the_end_of_one_significant_temporary_child_ends_all",
     "57",
     with_mode(auto_shutdown::any_significant),
     {{"start a b:temporary:significant", "+a +b"}, {"crash b", "-a end:significant_child_ended"}}},
    {"all_only_the_end_of_the_last_significant_child_ends_all",
     "57",
     with_mode(auto_shutdown::all_significant),
     {{"start a b:temporary:significant c:temporary:significant", "+a +b +c"},
      {"finish c", ""},
      {"crash b", "-a end:significant_child_ended"}}},
    {"a_significant_child_stopped_by_hand_ends_nothing",
     "57",
     with_mode(auto_shutdown::any_significant),
     {{"start a b:transient:significant", "+a +b"}, {"stop b", "-b"}}},
    {"all_a_child_stopped_by_hand_is_not_waited_for",
     "57",
     with_mode(auto_shutdown::all_significant),
     {{"start b:transient:significant c:transient:significant", "+b +c"},
      {"stop b", "-b"},
      {"finish c", "end:significant_child_ended"}}},
    {"a_significant_transient_child_that_crashes_is_restarted",
     "58",
     with_mode(auto_shutdown::any_significant),
     {{"start a b:transient:significant", "+a +b"},
      {"crash b", "+b"},
      {"finish b", "-a end:significant_child_ended"}}},
    {"all_a_child_that_is_being_restarted_counts_as_there",
     "58",
     with_mode(auto_shutdown::all_significant),
     {{"start b:transient:significant c:transient:significant", "+b +c"},
      {"by-hand", ""},
      {"crash b", "+b"},
      {"finish c", ""},
      {"up b", ""},
      {"finish b", "end:significant_child_ended"}}},
    {"the_same_holds_for_added_children",
     "59",
     with_mode(auto_shutdown::any_significant),
     {{"start a", "+a"},
      {"add d:temporary:significant", "+d"},
      {"finish d", "-a end:significant_child_ended"}}},
    {"a_significant_child_that_a_sibling_takes_down_ends_nothing",
     "60",
     with_mode(auto_shutdown::any_significant, all),
     {{"start a b:temporary:significant c:transient:significant", "+a +b +c"},
      {"crash a", "-c -b +a +c"}}},
};

std::string row_name(const testing::TestParamInfo<scenario>& row) {
  return row.param.name;
}

INSTANTIATE_TEST_SUITE_P(start_and_stop, otp_scenario, testing::ValuesIn(start_and_stop), row_name);
INSTANTIATE_TEST_SUITE_P(administration, otp_scenario, testing::ValuesIn(administration), row_name);
INSTANTIATE_TEST_SUITE_P(restart_types, otp_scenario, testing::ValuesIn(restart_types), row_name);
INSTANTIATE_TEST_SUITE_P(strategies, otp_scenario, testing::ValuesIn(strategies), row_name);
INSTANTIATE_TEST_SUITE_P(hanging_restarts, otp_scenario, testing::ValuesIn(hanging_restarts),
                         row_name);
INSTANTIATE_TEST_SUITE_P(significant_children, otp_scenario,
                         testing::ValuesIn(significant_children), row_name);

TEST(supervisor, stops_each_child_by_its_own_shutdown_policy) {  // OTP 13 14 15
  supervisor core(without_delays());
  ASSERT_TRUE(core.start(children_from_text("a:infinity b:brutal c"), {}));
  for (const auto* id : {"a", "b", "c"})
    core.child_started(id, {});
  core.take_actions();
  core.stop({});
  for (const auto policy :
       {shutdown_policy::after(5s), shutdown_policy::brutal_kill(), shutdown_policy::infinity()}) {
    const auto actions = core.take_actions();
    ASSERT_EQ(actions.size(), 1U);
    EXPECT_EQ(actions[0].shutdown, policy);
    core.child_exited(actions[0].child, child_end::shutdown, {});
  }
  EXPECT_TRUE(core.ended());
}

TEST(supervisor, names_the_child_whose_first_start_failed) {  // OTP 7 10
  stage stage(without_delays());
  stage.refuse["b"] = 1;
  stage.play("start a b");
  EXPECT_EQ(stage.core.failed_child(), "b");
}

TEST(supervisor, counts_a_restarting_child_as_a_specification_but_not_as_active) {  // OTP 49 50
  stage stage(slow_restarts(strategy::one_for_one));
  stage.play("start a b:supervisor");
  stage.play("crash a");
  stage.play("crash a");
  const auto counts = stage.core.count_children();
  EXPECT_EQ(counts.specifications, 2U);
  EXPECT_EQ(counts.active, 1U);
  EXPECT_EQ(counts.supervisors, 1U);
  EXPECT_EQ(counts.workers, 1U);
  EXPECT_EQ(stage.core.find("a")->state, supervisor::child_state::restarting);
}

TEST(supervisor, goes_on_starting_its_list_while_one_of_it_waits_for_its_restart) {
  auto flags = without_delays();
  flags.crash_loop.crashes = 1;
  stage stage(flags);
  stage.play("by-hand");
  EXPECT_EQ(stage.play("start a b c"), "+a");
  EXPECT_EQ(stage.play("up a"), "+b");
  EXPECT_EQ(stage.play("crash a"), "");
  EXPECT_EQ(stage.play("up b"), "+c");
  EXPECT_EQ(stage.play("up c"), "");
  EXPECT_EQ(stage.play("wait 120000"), "+a");
}

// proves: S10
TEST(supervisor, takes_over_a_child_that_runs_already) {
  stage stage(without_delays());
  stage.play("start");
  ASSERT_TRUE(stage.core.adopt_child(child_from_text("a"), stage.at));
  EXPECT_EQ(stage.done(), "");
  EXPECT_EQ(stage.play("crash a"), "+a");
}

TEST(supervisor, ends_for_another_reason_when_it_gives_up_than_when_it_is_stopped) {  // OTP 44 61
  EXPECT_EQ(as_child_end(end_reason::restart_intensity_exceeded), child_end::abnormal);
  EXPECT_EQ(as_child_end(end_reason::start_failed), child_end::abnormal);
  EXPECT_EQ(as_child_end(end_reason::stopped), child_end::shutdown);
  EXPECT_EQ(as_child_end(end_reason::significant_child_ended), child_end::shutdown);
}

TEST(supervisor, keeps_a_hundred_thousand_children_at_a_cost_that_is_linear) {  // OTP 50 53 54
  constexpr std::size_t many = 100'000;
  stage stage(without_delays());
  std::vector<child_specification> children;
  for (std::size_t i = 0; i < many; ++i)
    children.push_back(child_from_text(std::to_string(i)));
  ASSERT_TRUE(stage.core.start(std::move(children), stage.at));
  stage.done();
  EXPECT_EQ(stage.core.count_children().active, many);
  stage.core.stop(stage.at);
  stage.done();
  EXPECT_TRUE(stage.core.ended());
  EXPECT_EQ(stage.core.count_children().active, 0U);
}

}  // namespace
}  // namespace nine::supervision
