#include "ninelives/supervision/agent_supervisor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ninelives/supervision/agent_supervisor_world.test.hpp"
#include "ninelives/supervision/shim/ending_record.hpp"

namespace nine::supervision {
namespace {

using environment::exit_status;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// --- starting ---

TEST_F(agent_supervisor_test, starts_a_shim_and_the_first_incarnation) {
  ASSERT_TRUE(start(request_for("t1.a1")));
  EXPECT_THAT(events.take(), ElementsAre("starting t1.a1", "started t1.a1 1"));
  ASSERT_EQ(machine.spawned.size(), 1U);
  EXPECT_THAT(machine.spawned[0].arguments,
              ElementsAre("/usr/bin/nine-shim", "/home/shims/t1.a1", "1"));
  EXPECT_THAT(machine.spawned[0].environment,
              ElementsAre("PATH=/bin", "NINE_SHIM=/home/shims/t1.a1"));
  EXPECT_EQ(machine.spawned[0].listeners[0].name, "shim");
  const auto& message = shim_of("t1.a1").starts.at(0);
  EXPECT_EQ(message.supersedes, epoch(0));
  EXPECT_THAT(message.environment, ElementsAre("PATH=/bin", "NINE_CHILD=/home/shims/t1.a1"));
  EXPECT_THAT(machine.files.content["/home/shims/t1.a1/identity"], HasSubstr("boot-1"));
}

TEST_F(agent_supervisor_test, refuses_bad_names_and_a_second_child_of_one_name) {
  for (const auto* name : {"", "T1", "a/b", "..", ".a", "a b"})
    EXPECT_EQ(start(request_for(name)).error().code, error_code::invalid_argument) << name;
  ASSERT_TRUE(start(request_for("a")));
  EXPECT_EQ(start(request_for("a")).error().code, error_code::already_exists);
  EXPECT_EQ(machine.spawned.size(), 1U);
}

TEST_F(agent_supervisor_test, rolls_a_start_back_when_there_is_no_shim_program) {
  machine.fail_spawns = 1;
  EXPECT_EQ(start(request_for("a")).error().code, error_code::not_found);
  expect_nothing_left();
  EXPECT_TRUE(start(request_for("a")));
}

TEST_F(agent_supervisor_test, rolls_a_start_back_when_nobody_listens) {
  machine.network.connects_to_fail = 1;
  EXPECT_EQ(start(request_for("a")).error().code, error_code::unavailable);
  expect_nothing_left();
  EXPECT_TRUE(start(request_for("a")));
}

TEST_F(agent_supervisor_test, repeats_what_a_shim_said_before_it_failed) {
  machine.network.connects_to_fail = 1;
  machine.files.content["/home/shims/a/shim.log"] = "descriptor 3 is no socket\n";
  const auto outcome = start(request_for("a"));
  EXPECT_THAT(outcome.error().message, testing::EndsWith("said: descriptor 3 is no socket"));
}

TEST_F(agent_supervisor_test, rolls_a_start_back_when_the_shim_never_answers) {
  machine.new_shims_freeze = true;
  const auto outcome = machine.begin(supervisor->start(request_for("a")));
  machine.pass(29s);
  EXPECT_FALSE(outcome->has_value());
  machine.pass(2s);
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ((*outcome)->error().code, error_code::timed_out);
  expect_nothing_left();
  EXPECT_THAT(events.take(), IsEmpty());
}

TEST_F(agent_supervisor_test, can_be_told_to_stop_a_child_whose_shim_is_being_started) {
  machine.new_shims_freeze = true;
  const auto outcome = machine.begin(supervisor->start(request_for("a")));
  machine.settle();
  EXPECT_TRUE(stop("a"));
  shim_of("a").thaw();
  machine.settle();
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ((*outcome)->error().code, error_code::cancelled);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, does_not_retry_a_first_start_that_fails) {
  machine.new_shims_freeze = true;
  const auto outcome = machine.begin(supervisor->start(request_for("a")));
  machine.settle();
  shim_of("a").fail_starts = 1;
  shim_of("a").thaw();
  machine.settle();
  EXPECT_TRUE(outcome->value());
  EXPECT_THAT(events.take(),
              ElementsAre("starting a", "ended a 1 start failed", "finished a start-failed"));
  EXPECT_EQ(events.endings[0].error_number, 2);
  EXPECT_THAT(events.outcomes[0].reason, HasSubstr("no such program"));
  acknowledge("a", 1);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, takes_no_epoch_for_a_failed_start_like_any_other) {
  events.refuse_start = error{error_code::resource_exhausted, "the journal's queue is full"};
  ASSERT_TRUE(start(request_for("a")));
  EXPECT_THAT(events.take(), ElementsAre("starting a", "finished a start-failed"));
  EXPECT_THAT(events.outcomes[0].reason, HasSubstr("queue is full"));
  expect_nothing_left();
}

// proves: S1
TEST_F(agent_supervisor_test, says_when_the_memory_of_an_agent_is_not_limited_as_it_should_be) {
  events.memory = GiB;
  ASSERT_TRUE(start(request_for("a")));
  EXPECT_THAT(events.take(),
              ElementsAre("starting a", "not limited a: no control group could be made for it",
                          "started a 1"));
  shim_of("a").cgroup = "/cgroup/nine-a";
  crash("a");
  EXPECT_THAT(events.take(),
              testing::Contains("not limited a: its control group has no memory controller"));
  machine.files.content["/cgroup/nine-a/memory.max"] = "1073741824\n";
  crash("a");
  machine.pass(1s);
  EXPECT_THAT(events.take(),
              ElementsAre("ended a 2 signal 9, restart", "starting a", "started a 3"));
}

// --- restarting ---

TEST_F(agent_supervisor_test, restarts_before_the_exit_is_acknowledged) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  crash("a");
  EXPECT_THAT(events.take(),
              ElementsAre("ended a 1 signal 9, restart", "starting a", "started a 2"));
  const auto& again = shim_of("a").starts.at(1);
  EXPECT_EQ(again.incarnation, epoch(2));
  EXPECT_EQ(again.supersedes, epoch(1));
  EXPECT_EQ(machine.spawned.size(), 1U) << "the same shim runs the next life";
}

TEST_F(agent_supervisor_test, ends_a_transient_child_that_is_done_and_its_shim_after_that) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  shim_of("a").agent_exits(exit_status::exited(0));
  machine.settle();
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 exit code 0", "finished a normal"));
  EXPECT_EQ(events.endings[0].output_bytes, 7U);
  machine.pass(60s);
  EXPECT_FALSE(shim_of("a").dead) << "it keeps what is not acknowledged";
  const auto again = machine.begin(supervisor->start(request_for("a")));
  machine.settle();
  EXPECT_FALSE(again->has_value()) << "it waits for its name";
  EXPECT_THAT(events.gone, IsEmpty());
  acknowledge("a", 1);
  machine.settle();
  EXPECT_THAT(events.gone, ElementsAre("a"));
  ASSERT_TRUE(again->has_value());
  EXPECT_TRUE(**again);
}

TEST_F(agent_supervisor_test, keeps_nothing_of_children_that_are_gone) {
  constexpr int many = 100;
  for (int number = 0; number < many; ++number) {
    const auto name = fmt::format("a{}", number);
    ASSERT_TRUE(start(request_for(name)));
    shim_of(name).agent_exits(exit_status::exited(0));
    machine.settle();
    acknowledge(name, 1);
  }
  EXPECT_EQ(events.gone.size(), std::size_t{many});
  machine.pass(60s);
  EXPECT_FALSE(machine.clock.has_sleepers()) << "who sleeps keeps the child it sleeps for";
}

TEST_F(agent_supervisor_test, takes_an_exit_code_for_a_result_unless_told_otherwise) {
  ASSERT_TRUE(start(request_for("a")));
  auto strict = request_for("b");
  strict.exits = exit_meaning::success_only;
  ASSERT_TRUE(start(strict));
  events.take();
  shim_of("a").agent_exits(exit_status::exited(3));
  shim_of("b").agent_exits(exit_status::exited(3));
  machine.settle();
  EXPECT_THAT(events.take(), testing::UnorderedElementsAre(
                                 "ended a 1 exit code 3", "finished a normal",
                                 "ended b 1 exit code 3, restart", "starting b", "started b 2"));
}

TEST_F(agent_supervisor_test, gives_up_when_the_restart_intensity_is_exceeded) {
  auto request = request_for("a");
  request.delay.base = 0s;
  ASSERT_TRUE(start(request));
  for (int restart = 0; restart < 5; ++restart) {
    crash("a");
    EXPECT_EQ(events.take().back(), fmt::format("started a {}", restart + 2));
  }
  crash("a");
  EXPECT_THAT(events.take(), ElementsAre("ended a 6 signal 9", "finished a crashed-too-often"));
  EXPECT_EQ(events.outcomes[0].exit, exit_status::signalled(9));
  acknowledge("a", 6);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, charges_restarts_whose_start_fails) {
  auto request = request_for("a");
  request.delay.base = 0s;
  ASSERT_TRUE(start(request));
  shim_of("a").fail_starts = 99;
  crash("a");
  EXPECT_EQ(events.take().back(), "finished a crashed-too-often");
  EXPECT_EQ(shim_of("a").starts.size(), 6U);
}

TEST_F(agent_supervisor_test, delays_the_second_restart_in_a_row) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  events.take();
  crash("a");
  EXPECT_THAT(events.take(), ElementsAre("ended a 2 signal 9, restart"));
  EXPECT_EQ(supervisor->children().at(0).now, child_view::state::restarting);
  EXPECT_EQ(supervisor->children().at(0).starts_in, 750ms);
  EXPECT_EQ(events.decisions.back().reason, "it waits 0.8 s");
  machine.pass(1s);
  EXPECT_THAT(events.take(), ElementsAre("starting a", "started a 3"));
}

TEST_F(agent_supervisor_test, does_not_delay_after_a_run_that_made_progress) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  supervisor->made_progress("a");
  events.take();
  crash("a");
  EXPECT_EQ(events.take().back(), "started a 3");
}

// proves: S4
TEST_F(agent_supervisor_test, goes_on_with_a_cool_down_after_its_own_restart) {
  auto request = request_for("a");
  request.crash_loop = {.crashes = 3, .window = 120s, .cool_down = 120s};
  const auto now = machine.clock.wall_now();
  request.crashes = {now - 30s, now - 20s, now - 10s};
  ASSERT_TRUE(start(request));
  EXPECT_THAT(events.take(), IsEmpty());
  machine.pass(111s);
  EXPECT_THAT(events.take(), ElementsAre("starting a", "started a 1"));
}

// proves: S4
TEST_F(agent_supervisor_test, says_how_long_a_child_rests_after_a_crash_loop_and_why) {
  auto request = request_for("a");
  request.crash_loop = {.crashes = 2, .window = 120s, .cool_down = 90s};
  ASSERT_TRUE(start(request));
  crash("a");
  EXPECT_EQ(events.decisions.back().reason, "");
  crash("a");
  EXPECT_EQ(events.decisions.back().reason, "it waits 90.0 s, for 2 crashes in 120 s are too many");
  EXPECT_EQ(supervisor->children().at(0).starts_in, 90s);
}

TEST_F(agent_supervisor_test, holds_restarts_when_too_many_endings_wait_for_the_journal) {
  auto request = request_for("a");
  request.delay.base = 0s;
  request.intensity = {1000, 1h};
  ASSERT_TRUE(start(request));
  const auto most = static_cast<std::int64_t>(shim::endings_kept_most);
  for (std::int64_t life = 1; life <= most; ++life)
    crash("a");
  EXPECT_EQ(events.take().back(), fmt::format("ended a {} signal 9, restart", most));
  acknowledge("a", 1);
  EXPECT_THAT(events.take(), ElementsAre("starting a", fmt::format("started a {}", most + 1)));
}

TEST_F(agent_supervisor_test, can_be_called_from_its_own_events) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  events.on_ending = [this](const auto& ending) {
    supervisor->acknowledge("a", ending.incarnation);
    EXPECT_TRUE(supervisor->stop("a", "enough"));
  };
  crash("a");
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 9, restart", "finished a stopped"));
  expect_nothing_left();
}

// --- stopping ---

TEST_F(agent_supervisor_test, stops_a_running_child) {
  ASSERT_TRUE(start(request_for("a", restart_type::permanent)));
  events.take();
  EXPECT_TRUE(stop("a"));
  EXPECT_TRUE(stop("a"));
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 15", "finished a stopped"));
  EXPECT_TRUE(events.endings[0].stop_was_asked);
  EXPECT_THAT(events.outcomes[0].reason, HasSubstr("a test said so"));
  EXPECT_TRUE(stop("a"));
  acknowledge("a", 1);
  expect_nothing_left();
  EXPECT_EQ(stop("a").error().code, error_code::not_found);
}

TEST_F(agent_supervisor_test, kills_a_child_that_does_not_stop_in_its_grace_time) {
  ASSERT_TRUE(start(request_for("a")));
  shim_of("a").agent_ignores_term = true;
  events.take();
  EXPECT_TRUE(stop("a"));
  EXPECT_THAT(events.take(), IsEmpty());
  machine.pass(6s);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 9", "finished a stopped"));
}

TEST_F(agent_supervisor_test, stops_a_child_that_waits_for_its_restart) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  crash("a");
  events.take();
  EXPECT_TRUE(stop("a"));
  EXPECT_THAT(events.take(), ElementsAre("finished a stopped"));
  machine.pass(60s);
  acknowledge("a", 2);
  EXPECT_THAT(events.take(), IsEmpty());
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, ends_a_shim_that_does_not_do_what_it_is_told) {
  ASSERT_TRUE(start(request_for("a")));
  shim_of("a").freeze();
  events.take();
  EXPECT_TRUE(stop("a"));
  machine.pass(14s);
  EXPECT_THAT(events.take(), IsEmpty());
  machine.pass(3s);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 lost", "finished a stopped"));
  acknowledge("a", 1);
  expect_nothing_left();
}

// --- when shims die and connections break ---

TEST_F(agent_supervisor_test, ends_what_a_dead_shim_left_and_goes_on_in_a_new_one) {
  ASSERT_TRUE(start(request_for("a")));
  const auto agent = shim_of("a").agent_pid;
  const auto helper = machine.processes.add({"NINE_CHILD=/home/shims/a"});
  const auto stranger = machine.processes.add({"NINE_CHILD=/elsewhere/shims/a"});
  events.take();
  kill_shim_of("a");
  machine.pass(100ms);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 lost, restart", "starting a", "started a 2"));
  EXPECT_FALSE(machine.processes.alive.contains(agent));
  EXPECT_FALSE(machine.processes.alive.contains(helper.pid));
  EXPECT_TRUE(machine.processes.alive.contains(stranger.pid));
  EXPECT_EQ(machine.spawned.size(), 2U);
  EXPECT_NE(shim_of("a").agent_pid, agent);
}

// proves: S10
TEST_F(agent_supervisor_test, does_not_do_again_what_a_dead_shim_had_written_down_as_done) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  const shim::exited exit{epoch(1), exit_status::exited(0), false, 7};
  machine.files.content["/home/shims/a/exit"] = shim::format_ending(exit);
  kill_shim_of("a");
  machine.pass(100ms);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 exit code 0", "finished a normal"));
  acknowledge("a", 1);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, takes_an_older_life_that_is_written_down_for_no_ending_of_this_one) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  machine.pass(2s);
  events.take();
  const shim::exited exit{epoch(1), exit_status::signalled(9), false, 7};
  machine.files.content["/home/shims/a/exit"] = shim::format_ending(exit);
  kill_shim_of("a");
  machine.pass(5s);
  EXPECT_THAT(events.take(), ElementsAre("ended a 2 lost, restart", "starting a", "started a 3"));
}

TEST_F(agent_supervisor_test, looks_again_until_nothing_forks_any_more) {
  ASSERT_TRUE(start(request_for("a")));
  int generations = 5;
  std::function<void()> fork = [&] {
    if (generations-- > 0) machine.processes.add({"NINE_CHILD=/home/shims/a"}, fork);
  };
  machine.processes.add({"NINE_CHILD=/home/shims/a"}, fork);
  events.take();
  kill_shim_of("a");
  machine.pass(2s);
  EXPECT_EQ(generations, -1);
  EXPECT_EQ(events.take().back(), "started a 2");
}

TEST_F(agent_supervisor_test, ends_what_is_in_the_cgroup_of_a_dead_shim) {
  ASSERT_TRUE(start(request_for("a")));
  const auto unmarked = machine.processes.add({});
  machine.files.content["/cgroup/a/cgroup.procs"] = fmt::format("{}\n", unmarked.pid);
  shim_of("a").cgroup = "/cgroup/a";
  crash("a");
  kill_shim_of("a");
  machine.pass(1s);
  EXPECT_FALSE(machine.processes.alive.contains(unmarked.pid));
}

// proves: S8, S15
TEST_F(agent_supervisor_test, ends_an_agent_that_hides_its_environment_with_all_its_descendants) {
  ASSERT_TRUE(start(request_for("a")));
  auto& processes = machine.processes;
  const auto agent = shim_of("a").agent_pid;
  processes.alive.at(agent).environment.clear();
  const auto child = processes.add({}).pid;
  processes.alive.at(child).parent = agent;
  const auto grandchild = processes.add({}).pid;  // in a session of its own
  processes.alive.at(grandchild).parent = child;
  const auto orphan = processes.add({}).pid;
  processes.alive.at(orphan).session = agent;
  const auto stranger = processes.add({}).pid;
  events.take();
  kill_shim_of("a");
  machine.pass(100ms);
  for (const auto ours : {agent, child, grandchild, orphan})
    EXPECT_FALSE(processes.alive.contains(ours)) << ours;
  EXPECT_TRUE(processes.alive.contains(stranger));
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 lost, restart", "starting a", "started a 2"));
}

TEST_F(agent_supervisor_test, looks_once_for_all_whose_shims_died_together) {
  constexpr int many = 100;
  for (int number = 0; number < many; ++number)
    ASSERT_TRUE(start(request_for(fmt::format("a{}", number))));
  machine.processes.looks = 0;
  for (const auto& [directory, shim] : std::map(machine.shims))
    machine.kill_shim(shim);
  machine.pass(100ms);
  EXPECT_LE(machine.processes.looks, 6);
  EXPECT_EQ(machine.spawned.size(), std::size_t{2 * many});
}

TEST_F(agent_supervisor_test, leaves_no_control_group_of_a_shim_that_it_kills) {
  machine.new_shims_freeze = true;
  const auto outcome = machine.begin(supervisor->start(request_for("a")));
  machine.settle();
  give_cgroup("a");
  EXPECT_TRUE(stop("a"));
  shim_of("a").thaw();
  machine.settle();
  EXPECT_TRUE(outcome->has_value());
  expect_nothing_left();

  std::ignore = machine.begin(supervisor->start(request_for("never-answers")));
  machine.settle();
  give_cgroup("never-answers");
  machine.pass(31s);
  expect_nothing_left();

  machine.new_shims_freeze = false;
  ASSERT_TRUE(start(request_for("does-not-quit")));
  give_cgroup("does-not-quit");
  shim_of("does-not-quit").agent_exits(exit_status::exited(0));
  machine.settle();
  shim_of("does-not-quit").freeze();
  acknowledge("does-not-quit", 1);
  machine.pass(10s);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, does_not_restart_a_temporary_child_whose_shim_died) {
  ASSERT_TRUE(start(request_for("a", restart_type::temporary)));
  events.take();
  kill_shim_of("a");
  machine.pass(100ms);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 lost", "finished a lost"));
  acknowledge("a", 1);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, makes_no_shim_for_a_child_that_waits_before_its_time) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  crash("a");
  events.take();
  kill_shim_of("a");
  EXPECT_EQ(machine.spawned.size(), 1U);
  EXPECT_THAT(events.take(), IsEmpty());
  machine.pass(1s);
  EXPECT_THAT(events.take(), ElementsAre("starting a", "started a 3"));
  EXPECT_EQ(machine.spawned.size(), 2U);
}

TEST_F(agent_supervisor_test, charges_shims_that_cannot_be_made_again) {
  auto request = request_for("a");
  request.delay.base = 0s;
  ASSERT_TRUE(start(request));
  events.take();
  machine.fail_spawns = 99;
  kill_shim_of("a");
  machine.pass(1s);
  EXPECT_THAT(events.take(),
              ElementsAre("ended a 1 lost, restart", "finished a crashed-too-often"));
  EXPECT_THAT(events.outcomes[0].reason, HasSubstr("nine-shim"));
  acknowledge("a", 1);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, connects_again_without_a_word_when_only_the_connection_broke) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  machine.network.connects_to_fail = 3;
  shim_of("a").cut_connections();
  machine.settle();
  EXPECT_FALSE(supervisor->children().at(0).connected);
  machine.pass(1s);
  EXPECT_TRUE(supervisor->children().at(0).connected);
  EXPECT_THAT(events.take(), IsEmpty());
  crash("a");
  EXPECT_EQ(events.take().back(), "started a 2");
}

TEST_F(agent_supervisor_test, hears_of_an_exit_that_it_missed) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  machine.network.connects_to_fail = 3;
  shim_of("a").cut_connections();
  machine.settle();
  crash("a");
  EXPECT_THAT(events.take(), IsEmpty());
  machine.pass(1s);
  EXPECT_THAT(events.take(),
              ElementsAre("ended a 1 signal 9, restart", "starting a", "started a 2"));
}

TEST_F(agent_supervisor_test, says_a_start_again_that_never_arrived) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  crash("a");
  events.take();
  shim_of("a").lose_next_requests = true;
  machine.pass(1s);
  EXPECT_THAT(events.take(), ElementsAre("starting a"));
  shim_of("a").cut_connections();
  machine.pass(1s);
  EXPECT_THAT(events.take(), ElementsAre("started a 3"));
}

TEST_F(agent_supervisor_test, never_takes_a_mute_shim_for_a_dead_one) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  shim_of("a").freeze();
  shim_of("a").cut_connections();
  machine.pass(10min);
  EXPECT_THAT(events.take(), IsEmpty());
  shim_of("a").thaw();
  machine.pass(10s);
  EXPECT_TRUE(supervisor->children().at(0).connected);
  EXPECT_EQ(shim_of("a").starts.size(), 1U);
  EXPECT_THAT(events.take(), IsEmpty());
}

TEST_F(agent_supervisor_test, never_takes_a_failed_probe_for_a_death) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  machine.processes.probes_fail = true;
  machine.network.connects_to_fail = 10;
  shim_of("a").cut_connections();
  machine.pass(20s);
  EXPECT_THAT(events.take(), IsEmpty());
  EXPECT_TRUE(supervisor->children().at(0).connected);
}

}  // namespace
}  // namespace nine::supervision
