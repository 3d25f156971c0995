// How a core is replaced, and how the next one takes over the shims that it finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ninelives/supervision/agent_supervisor_world.test.hpp"
#include "ninelives/supervision/shim/ending_record.hpp"
#include "ninelives/supervision/shim/identity_record.hpp"

namespace nine::supervision {
namespace {

using environment::exit_status;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// proves: S10
TEST_F(agent_supervisor_test, lets_go_without_touching_the_agents) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  supervisor.reset();
  machine.settle();
  EXPECT_TRUE(machine.processes.alive.contains(shim_of("a").agent_pid));
  crash("a");
  EXPECT_THAT(events.take(), IsEmpty());
}

TEST_F(agent_supervisor_test, stops_for_good_when_a_newer_core_has_the_shims) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  auto old = std::move(supervisor);
  new_core(2);
  EXPECT_EQ(take_over().at(0).found, taken_over::state::running);
  machine.pass(5s);
  EXPECT_THAT(events.take(), ElementsAre("fenced"));
  EXPECT_EQ(machine.finish(old->start(request_for("b"))).error().code, error_code::fenced);
  crash("a");
  EXPECT_THAT(events.take(), IsEmpty());
}

TEST_F(agent_supervisor_test, is_fenced_when_it_takes_over_from_a_newer_core) {
  new_core(5);
  ASSERT_TRUE(start(request_for("a")));
  new_core(4);
  events.take();
  const auto found = machine.finish(supervisor->take_over());
  EXPECT_EQ(found.error().code, error_code::fenced);
  EXPECT_THAT(events.take(), ElementsAre("fenced"));
}

TEST_F(agent_supervisor_test, is_fenced_when_its_own_journal_says_so) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  events.refuse_start = error{error_code::fenced, "a newer core has claimed the journal"};
  crash("a");
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 9, restart", "starting a", "fenced"));
}

TEST_F(agent_supervisor_test, finds_nothing_in_a_new_home) {
  EXPECT_THAT(take_over(), IsEmpty());
}

// proves: S10
TEST_F(agent_supervisor_test, takes_over_a_running_child) {
  ASSERT_TRUE(start(request_for("a")));
  const auto agent = shim_of("a").agent_pid;
  new_core(2);
  events.take();
  const auto found = take_over();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "a");
  EXPECT_EQ(found[0].found, taken_over::state::running);
  EXPECT_EQ(found[0].incarnation, epoch(1));
  EXPECT_EQ(found[0].agent.pid, agent);
  ASSERT_TRUE(adopt(request_for("a")));
  EXPECT_THAT(events.take(), ElementsAre("started a 1"));
  EXPECT_EQ(adopt(request_for("a")).error().code, error_code::already_exists);
  crash("a");
  EXPECT_EQ(events.take().back(), "started a 2");
  EXPECT_EQ(machine.spawned.size(), 1U);
}

TEST_F(agent_supervisor_test, restarts_a_child_that_crashed_while_no_core_was_there) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  crash("a");
  events.take();
  const auto found = take_over();
  EXPECT_EQ(found.at(0).found, taken_over::state::idle);
  ASSERT_EQ(found[0].endings.size(), 1U);
  EXPECT_EQ(found[0].endings[0].exit, exit_status::signalled(9));
  ASSERT_TRUE(adopt(request_for("a")));
  EXPECT_THAT(events.take(),
              ElementsAre("ended a 1 signal 9, restart", "starting a", "started a 2"));
}

TEST_F(agent_supervisor_test, finishes_a_child_that_was_done_while_no_core_was_there) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  shim_of("a").agent_exits(exit_status::exited(0));
  events.take();
  take_over();
  ASSERT_TRUE(adopt(request_for("a")));
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 exit code 0", "finished a normal"));
  acknowledge("a", 1);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, reports_endings_that_an_earlier_core_restarted_but_did_not_record) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  new_core(2);
  events.take();
  const auto found = take_over();
  EXPECT_EQ(found.at(0).found, taken_over::state::running);
  ASSERT_TRUE(adopt(request_for("a")));
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 9, restart", "started a 2"));
  acknowledge("a", 1);
  crash("a");
  EXPECT_EQ(shim_of("a").starts.back().supersedes, epoch(2));
}

TEST_F(agent_supervisor_test, starts_a_child_that_waited_for_its_restart_when_the_core_died) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  crash("a");
  acknowledge("a", 2);
  new_core(2);
  events.take();
  const auto found = take_over();
  EXPECT_EQ(found.at(0).found, taken_over::state::idle);
  EXPECT_THAT(found[0].endings, IsEmpty());
  ASSERT_TRUE(adopt(request_for("a")));
  EXPECT_THAT(events.take(), ElementsAre("starting a", "started a 3"));
}

// proves: S16
TEST_F(agent_supervisor_test, keeps_down_what_an_earlier_core_stopped) {
  ASSERT_TRUE(start(request_for("a", restart_type::permanent)));
  EXPECT_TRUE(stop("a"));
  new_core(2);
  events.take();
  take_over();
  ASSERT_TRUE(adopt(request_for("a", restart_type::permanent)));
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 15", "finished a stopped"));
}

// proves: S15
TEST_F(agent_supervisor_test, clears_away_what_a_dead_shim_left) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  kill_shim_of("a");
  EXPECT_TRUE(machine.processes.alive.contains(shim_of("a").agent_pid));
  events.take();
  const auto found = take_over();
  EXPECT_EQ(found.at(0).found, taken_over::state::lost);
  EXPECT_EQ(adopt(request_for("a")).error().code, error_code::not_found);
  EXPECT_FALSE(machine.processes.alive.contains(shim_of("a").agent_pid));
  clear_away_dead();
  expect_nothing_left();
  EXPECT_THAT(events.take(), IsEmpty());
}

// A core that dies in between must not take along what only the directory tells.
TEST_F(agent_supervisor_test, keeps_what_a_dead_shim_had_written_down_until_it_is_on_record) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  kill_shim_of("a");
  const shim::exited exit{epoch(1), exit_status::exited(0), false, 7};
  machine.files.content["/home/shims/a/exit"] = shim::format_ending(exit);
  EXPECT_EQ(take_over().at(0).endings.size(), 1U);
  EXPECT_TRUE(machine.files.content.contains("/home/shims/a/exit"));
  const auto again = machine.begin(supervisor->start(request_for("a")));
  machine.settle();
  EXPECT_FALSE(again->has_value()) << "its name is taken";
  clear_away_dead();
  EXPECT_FALSE(machine.files.content.contains("/home/shims/a/exit"));
  ASSERT_TRUE(again->has_value());
  EXPECT_TRUE(**again);
}

// proves: S15
TEST_F(agent_supervisor_test, ends_the_agent_that_a_dead_shim_had_written_down) {
  ASSERT_TRUE(start(request_for("a")));
  const auto agent = machine.processes.alive.at(shim_of("a").agent_pid).identity;
  machine.processes.alive.at(agent.pid).environment.clear();
  machine.files.content["/home/shims/a/agent"] = shim::format_identity(agent);
  new_core(2);
  kill_shim_of("a");
  EXPECT_EQ(take_over().at(0).found, taken_over::state::lost);
  EXPECT_FALSE(machine.processes.alive.contains(agent.pid));
}

TEST_F(agent_supervisor_test, leaves_alone_who_got_the_number_of_an_agent_that_is_gone) {
  ASSERT_TRUE(start(request_for("a")));
  auto& processes = machine.processes;
  auto agent = processes.alive.at(shim_of("a").agent_pid).identity;
  ++agent.start_time;
  processes.alive.at(agent.pid) = {.identity = agent, .session = agent.pid};
  --agent.start_time;
  const auto child = processes.add({}).pid;
  processes.alive.at(child).session = agent.pid;
  machine.files.content["/home/shims/a/agent"] = shim::format_identity(agent);
  new_core(2);
  kill_shim_of("a");
  EXPECT_EQ(take_over().at(0).found, taken_over::state::lost);
  EXPECT_TRUE(processes.alive.contains(agent.pid));
  EXPECT_TRUE(processes.alive.contains(child));
}

TEST_F(agent_supervisor_test, takes_dead_shims_over_with_a_few_looks_however_many_they_are) {
  constexpr int many = 200;
  for (int number = 0; number < many; ++number)
    ASSERT_TRUE(start(request_for(fmt::format("a{}", number))));
  new_core(2);
  for (const auto& [directory, shim] : std::map(machine.shims))
    machine.kill_shim(shim);
  machine.settle();
  machine.processes.looks = 0;
  for (const auto& found : take_over())
    EXPECT_EQ(found.found, taken_over::state::lost);
  EXPECT_LE(machine.processes.looks, 6);
  clear_away_dead();
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, reads_what_a_dead_shim_had_written_down) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  kill_shim_of("a");
  const shim::exited exit{epoch(1), exit_status::exited(0), false, 7};
  machine.files.content["/home/shims/a/exit"] = shim::format_ending(exit);
  const auto found = take_over();
  EXPECT_EQ(found.at(0).found, taken_over::state::lost);
  EXPECT_EQ(found[0].incarnation, epoch(1));
  ASSERT_EQ(found[0].endings.size(), 1U);
  EXPECT_EQ(found[0].endings[0].exit, exit_status::exited(0));
}

// proves: S8
TEST_F(agent_supervisor_test, finds_a_shim_whose_identity_was_never_written) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  machine.files.content.clear();
  shim_of("a").freeze();
  EXPECT_EQ(take_over().at(0).found, taken_over::state::unknown);
}

TEST_F(agent_supervisor_test, signals_nobody_for_a_shim_of_an_earlier_boot) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  machine.kill_shim(machine.shims.at("/home/shims/a"));
  machine.processes.alive.clear();
  machine.processes.boot = "boot-2";
  const auto stranger = machine.processes.add({"NINE_CHILD=/home/shims/a"});
  EXPECT_EQ(take_over().at(0).found, taken_over::state::lost);
  EXPECT_TRUE(machine.processes.alive.contains(stranger.pid));
  clear_away_dead();
  EXPECT_THAT(machine.files.directories, IsEmpty());
}

/// Else a new core would take the shim, of which this core had no time to write, for that one.
TEST_F(agent_supervisor_test, forgets_whose_a_directory_was_before_a_shim_is_made_in_it) {
  const std::string identity = "/home/shims/a/identity";
  machine.files.content[identity] = "77 770 boot-0\n";
  bool forgotten = false;
  auto begin = std::exchange(machine.processes.begin_program, {});
  machine.processes.begin_program = [&](const auto& process, const auto& specification) {
    forgotten = !machine.files.content.contains(identity);
    return begin(process, specification);
  };
  ASSERT_TRUE(start(request_for("a")));
  EXPECT_TRUE(forgotten);
  EXPECT_THAT(machine.files.content[identity], HasSubstr("boot-1"));
}

TEST_F(agent_supervisor_test, goes_on_with_a_mute_shim_once_it_answers) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  shim_of("a").freeze();
  events.take();
  EXPECT_EQ(take_over().at(0).found, taken_over::state::unknown);
  ASSERT_TRUE(adopt(request_for("a")));
  machine.pass(60s);
  EXPECT_THAT(events.take(), IsEmpty());
  shim_of("a").thaw();
  machine.pass(5s);
  EXPECT_THAT(events.take(), ElementsAre("started a 1"));
}

TEST_F(agent_supervisor_test, restarts_an_adopted_child_whose_mute_shim_turns_out_to_be_dead) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  shim_of("a").freeze();
  events.take();
  take_over();
  ASSERT_TRUE(adopt(request_for("a")));
  kill_shim_of("a");
  machine.pass(5s);
  EXPECT_THAT(events.take(), ElementsAre("ended a 0 lost, restart", "starting a", "started a 2"));
}

// proves: S10
TEST_F(agent_supervisor_test, hears_from_the_file_of_an_adopted_child_whose_mute_shim_is_dead) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  shim_of("a").freeze();
  events.take();
  take_over();
  ASSERT_TRUE(adopt(request_for("a")));
  const shim::exited crashed{epoch(1), exit_status::signalled(9), false, 7};
  const shim::exited done{epoch(2), exit_status::exited(0), false, 7};
  machine.files.content["/home/shims/a/exit"] =
      shim::format_ending(crashed) + shim::format_ending(done);
  kill_shim_of("a");
  machine.pass(5s);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 9, restart", "ended a 2 exit code 0",
                                         "finished a normal"));
}

TEST_F(agent_supervisor_test, believes_nothing_that_is_written_down_in_an_earlier_boot) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  const shim::exited exit{epoch(1), exit_status::exited(0), false, 7};
  machine.files.content["/home/shims/a/exit"] = shim::format_ending(exit);
  machine.kill_shim(machine.shims.at("/home/shims/a"));
  machine.processes.alive.clear();
  machine.processes.boot = "boot-2";
  EXPECT_THAT(take_over().at(0).endings, IsEmpty());
}

TEST_F(agent_supervisor_test, says_of_what_is_discarded_only_that_it_is_gone) {
  ASSERT_TRUE(start(request_for("running")));
  ASSERT_TRUE(start(request_for("idle")));
  new_core(2);
  shim_of("idle").agent_exits(exit_status::exited(0));
  events.take();
  take_over();
  EXPECT_TRUE(discard("running"));
  EXPECT_TRUE(discard("idle"));
  EXPECT_EQ(discard("nobody").error().code, error_code::not_found);
  expect_nothing_left();
  EXPECT_THAT(events.take(), IsEmpty());
  EXPECT_THAT(events.gone, UnorderedElementsAre("running", "idle"));
}

TEST_F(agent_supervisor_test, starts_a_child_when_the_discarded_one_of_its_name_is_gone) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  events.take();
  take_over();
  shim_of("a").agent_ignores_term = true;
  EXPECT_TRUE(discard("a"));
  const auto outcome = machine.begin(supervisor->start(request_for("a")));
  machine.settle();
  EXPECT_FALSE(outcome->has_value());
  machine.pass(10s);
  ASSERT_TRUE(outcome->has_value());
  EXPECT_TRUE(**outcome);
  EXPECT_EQ(events.take().back(), "started a 2");
}

// proves: D3
TEST_F(agent_supervisor_test, makes_no_shim_and_starts_no_life_once_a_newer_core_is_on_record) {
  ASSERT_TRUE(start(request_for("a")));
  machine.files.content["/home/core_epoch"] = "9\n";
  EXPECT_EQ(start(request_for("b")).error().code, error_code::fenced);
  EXPECT_FALSE(machine.shims.contains("/home/shims/b"));
  new_core(1);
  machine.files.content.erase("/home/core_epoch");
  take_over();
  ASSERT_TRUE(adopt(request_for("a")));
  machine.files.content["/home/core_epoch"] = "9\n";
  const auto starts = shim_of("a").starts.size();
  crash("a");
  machine.pass(5s);
  EXPECT_EQ(shim_of("a").starts.size(), starts);
}

/// From a coroutine of the executor, as the core does it: then the shim is heard within the call.
TEST_F(agent_supervisor_test, starts_nothing_in_an_idle_shim_that_is_discarded) {
  ASSERT_TRUE(start(request_for("a")));
  shim_of("a").agent_exits(exit_status::exited(0));
  shim_of("a").endings_are_acknowledged();  // and the core dies before it lets the shim go
  new_core(2);
  events.take();
  take_over();
  boost::asio::post(context.get_executor(),
                    [this] { EXPECT_TRUE(supervisor->discard("a", "nobody wants it")); });
  machine.settle();
  expect_nothing_left();
  EXPECT_THAT(events.take(), IsEmpty());
  EXPECT_THAT(events.gone, ElementsAre("a"));
}

// proves: S16
TEST_F(agent_supervisor_test,
       starts_nothing_in_an_idle_shim_that_was_stopped_before_it_was_adopted) {
  ASSERT_TRUE(start(request_for("a")));
  shim_of("a").agent_exits(exit_status::signalled(9));
  shim_of("a").endings_are_acknowledged();
  new_core(2);
  take_over();
  const auto starts = shim_of("a").starts.size();
  boost::asio::post(context.get_executor(), [this] {
    EXPECT_TRUE(supervisor->stop("a", "the home is stopped"));
    EXPECT_TRUE(supervisor->adopt(request_for("a")));
  });
  const auto shim = machine.shims.at("/home/shims/a");
  machine.settle();
  EXPECT_EQ(shim->starts.size(), starts);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, ends_a_mute_shim_that_is_discarded_after_a_while) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  shim_of("a").freeze();
  events.take();
  take_over();
  EXPECT_TRUE(discard("a"));
  EXPECT_THAT(events.gone, IsEmpty()) << "its agent may run";
  machine.pass(20s);
  expect_nothing_left();
  EXPECT_THAT(events.take(), IsEmpty());
  EXPECT_THAT(events.gone, ElementsAre("a"));
}

// proves: S7
TEST_F(agent_supervisor_test, looks_twice_when_very_many_seem_dead_at_once) {
  for (int child = 0; child < 6; ++child) {
    const auto name = fmt::format("a{}", child);
    ASSERT_TRUE(start(request_for(name)));
  }
  new_core(2);
  machine.files.content.clear();
  machine.network.connects_to_fail = 6;
  machine.processes.hide_for_looks = 6;
  for (const auto& found : take_over())
    EXPECT_EQ(found.found, taken_over::state::running);
}

TEST_F(agent_supervisor_test, takes_over_a_thousand_children_at_once) {
  constexpr int many = 1000;
  for (int child = 0; child < many; ++child) {
    const auto name = fmt::format("a{}", child);
    ASSERT_TRUE(start(request_for(name)));
  }
  new_core(2);
  events.take();
  const auto found = take_over();
  ASSERT_EQ(found.size(), std::size_t{many});
  for (const auto& child : found)
    ASSERT_TRUE(adopt(request_for(child.name)));
  EXPECT_EQ(events.take().size(), std::size_t{many});
  EXPECT_EQ(machine.spawned.size(), std::size_t{many});
}

}  // namespace
}  // namespace nine::supervision
