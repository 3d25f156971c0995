#include "ninelives/supervision/guard/guard_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ninelives/home/refusal.hpp"
#include "ninelives/supervision/guard/guard_world.test.hpp"
#include "ninelives/supervision/guard/handover.hpp"

namespace nine::supervision::guard {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class guard_driver_test : public guard_world {};

TEST_F(guard_driver_test, starts_the_core_with_sockets_and_systemds_variables) {
  start();
  ASSERT_EQ(spawns(), 1u);
  EXPECT_TRUE(processes_.adopting);
  EXPECT_THAT(network_.bound, ElementsAre("control.sock", "agent.sock"));
  const auto& core = processes_.spawned[0];
  EXPECT_THAT(core.arguments, ElementsAre("/usr/bin/nine", "core"));
  EXPECT_THAT(core.environment, ElementsAre("PATH=/bin", "NINE_HOME=/home/ann/nine",
                                            "NOTIFY_SOCKET=/home/ann/nine/run/notify.sock",
                                            "WATCHDOG_USEC=10000000", "NINE_GUARD=1:5001"));
  ASSERT_EQ(core.listeners.size(), 2u);
  EXPECT_EQ(core.listeners[0].name, "control");
  EXPECT_EQ(core.listeners[1].name, "agent");
  EXPECT_FALSE(exit_code_);
}

TEST_F(guard_driver_test, starts_a_dead_core_again_on_the_same_sockets) {
  start();
  hear(101, "READY=1");
  end(101);
  ASSERT_EQ(spawns(), 2u);
  EXPECT_EQ(network_.bound.size(), 2u) << "bound once";
  EXPECT_EQ(processes_.spawned[0].listeners[0].socket, processes_.spawned[1].listeners[0].socket);
}

TEST_F(guard_driver_test, waits_before_the_second_restart) {
  start();
  end(101);
  end(102);
  EXPECT_EQ(spawns(), 2u);
  pass(500ms);
  EXPECT_EQ(spawns(), 3u);
}

TEST_F(guard_driver_test, replaces_a_core_whose_beats_stop) {
  start();
  hear(101, "READY=1");
  pass(11s);
  EXPECT_THAT(processes_.signals, ElementsAre("15 101"));
  pass(30s);
  EXPECT_THAT(processes_.signals, ElementsAre("15 101", "9 101"));
  EXPECT_EQ(spawns(), 1u) << "the first may still live";
  end(101);
  EXPECT_EQ(spawns(), 2u);
}

TEST_F(guard_driver_test, hears_beats_that_queued_up_before_it_judges) {
  start();
  hear(101, "READY=1");
  pass(9s);
  notifications_.to_guard.waiting.push_back({101, "WATCHDOG=1"});  // arrived, nobody woken
  pass(9s);
  EXPECT_THAT(processes_.signals, IsEmpty());
  pass(2s);
  EXPECT_THAT(processes_.signals, ElementsAre("15 101"));
}

TEST_F(guard_driver_test, takes_sockets_that_were_handed_over) {
  network_.inherited = {"control", "agent"};
  start();
  EXPECT_THAT(network_.bound, ElementsAre("control", "agent"));
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_driver_test, adopts_the_core_that_started_it) {
  const auto core = processes_.start();
  network_.inherited = {"control", "agent"};
  auto with = options();
  with.adopt_core = to_string(name_of(core));
  start(with);
  EXPECT_EQ(spawns(), 0u);
  end(core.pid);
  ASSERT_EQ(spawns(), 1u);
  EXPECT_THAT(network_.bound, ElementsAre("control", "agent")) << "the same sockets";
}

TEST_F(guard_driver_test, leaves_the_sockets_to_a_core_it_found_by_its_lock) {
  const auto core = processes_.start();
  locks_.held[layout.core_lock()] = core;
  start();
  EXPECT_EQ(spawns(), 0u);
  EXPECT_THAT(network_.bound, IsEmpty()) << "binding would cut the living core off";
  locks_.held.erase(layout.core_lock());
  end(core.pid);
  EXPECT_EQ(spawns(), 1u);
  EXPECT_THAT(network_.bound, ElementsAre("control.sock", "agent.sock"));
}

TEST_F(guard_driver_test, ends_when_its_sockets_are_cleared_away) {
  start();
  hear(101, "READY=1");
  pass(2s);
  EXPECT_FALSE(exit_code_);
  files_.missing.insert(layout.control_socket());
  pass(1s);
  EXPECT_EQ(exit_code_, exit_failed) << "as if it had crashed: the core starts the next one";
  EXPECT_THAT(processes_.signals, IsEmpty());
  EXPECT_THAT(said_.lines(), Contains(HasSubstr("sockets of the home are gone")));
}

TEST_F(guard_driver_test, ends_when_it_can_no_longer_be_told_of_beats) {
  start();
  hear(101, "READY=1");
  pass(2s);
  files_.missing.insert(layout.notify_socket());
  pass(1s);
  EXPECT_EQ(exit_code_, exit_failed);
  EXPECT_THAT(processes_.signals, IsEmpty());
}

TEST_F(guard_driver_test, ends_when_others_stand_in_the_place_of_its_sockets_and_removes_them) {
  start();
  hear(101, "READY=1");
  pass(2s);
  files_.content[layout.agent_socket()] = "not ours";
  files_.modified[layout.agent_socket()] = wall_time(1s);
  pass(1s);
  EXPECT_EQ(exit_code_, exit_failed);
  EXPECT_FALSE(files_.content.contains(layout.agent_socket()));
}

// proves: S15
TEST_F(guard_driver_test, ends_with_its_core_when_the_home_was_removed_and_makes_nothing_anew) {
  start();
  hear(101, "READY=1");
  files_.content.clear();
  files_.missing.insert(layout.control_socket());
  pass(1s);
  EXPECT_THAT(processes_.signals, ElementsAre("15 101"));
  end(101);
  EXPECT_EQ(exit_code_, exit_stopped);
  EXPECT_EQ(spawns(), 1u);
  EXPECT_THAT(said_.lines(), Contains(HasSubstr("the home was removed")));
}

TEST_F(guard_driver_test, starts_no_core_in_a_home_that_was_removed) {
  start();
  files_.content.clear();
  end(101);
  EXPECT_EQ(spawns(), 1u);
  EXPECT_EQ(exit_code_, exit_stopped);
}

TEST_F(guard_driver_test, ends_when_its_lock_was_cleared_away_and_another_guard_took_it) {
  start();
  hear(101, "READY=1");
  locks_.held[layout.guard_lock()] = {9, 9, "boot"};
  pass(1s);
  EXPECT_EQ(exit_code_, exit_failed);
  EXPECT_THAT(processes_.signals, IsEmpty());
  EXPECT_THAT(said_.lines(), Contains(HasSubstr("process 9 guards the home now")));
}

// proves: S16
TEST_F(guard_driver_test, starts_no_core_after_its_backoff_when_the_home_was_stopped_meanwhile) {
  start();
  end(101);
  end(102);
  stop_home();
  pass(2s);
  EXPECT_EQ(spawns(), 2u);
  EXPECT_EQ(exit_code_, exit_stopped);
}

TEST_F(guard_driver_test, replaces_an_adopted_core_whose_sockets_were_cleared_away) {
  const auto core = processes_.start();
  network_.inherited = {"control", "agent"};
  files_.missing.insert(layout.agent_socket());
  auto with = options();
  with.adopt_core = to_string(name_of(core));
  start(with);
  pass(1s);
  EXPECT_THAT(processes_.signals, ElementsAre(fmt::format("15 {}", core.pid)));
  files_.missing.clear();
  end(core.pid);
  ASSERT_EQ(spawns(), 1u);
  EXPECT_THAT(network_.bound, ElementsAre("control", "agent", "control.sock", "agent.sock"));
  EXPECT_FALSE(exit_code_);
}

TEST_F(guard_driver_test, replaces_a_core_whose_own_sockets_are_cleared_away_later) {
  const auto core = processes_.start();
  locks_.held[layout.core_lock()] = core;
  start();
  pass(2s);
  EXPECT_THAT(processes_.signals, IsEmpty());
  files_.missing.insert(layout.control_socket());
  pass(2s);
  EXPECT_THAT(processes_.signals, ElementsAre(fmt::format("15 {}", core.pid))) << "once";
  EXPECT_FALSE(exit_code_);
}

TEST_F(guard_driver_test, does_not_adopt_a_core_that_is_gone) {
  auto with = options();
  with.adopt_core = "77:88";
  start(with);
  EXPECT_EQ(spawns(), 1u);
}

// proves: S8
TEST_F(guard_driver_test, refuses_to_be_the_second_guard) {
  locks_.held[layout.guard_lock()] = {9, 9, "boot"};
  start();
  EXPECT_EQ(exit_code_, exit_failed);
  EXPECT_EQ(spawns(), 0u);
  EXPECT_THAT(said_.lines(), Contains(HasSubstr("held by process 9")));
}

// proves: S16
TEST_F(guard_driver_test, does_not_start_a_stopped_home) {
  stop_home();
  start();
  EXPECT_EQ(exit_code_, exit_stopped);
  EXPECT_EQ(spawns(), 0u);
  EXPECT_THAT(said_.lines(), Contains(HasSubstr("nine up")));
}

TEST_F(guard_driver_test, ends_with_a_core_that_refused_the_home_and_says_why) {
  ASSERT_TRUE(home::write_refusal(files_, layout, "of an earlier start"));
  start();
  EXPECT_FALSE(home::find_refusal(files_, layout)) << "each start finds out for itself";
  ASSERT_TRUE(home::write_refusal(files_, layout, "the journal is damaged"));
  end(101);
  EXPECT_EQ(spawns(), 1u);
  EXPECT_EQ(exit_code_, exit_refused);
  EXPECT_THAT(said_.lines(), Contains(HasSubstr("the journal is damaged")));
}

TEST_F(guard_driver_test, ends_with_the_core_of_a_home_that_was_stopped) {
  start();
  hear(101, "READY=1");
  stop_home();
  end(101);
  EXPECT_EQ(exit_code_, exit_stopped);
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_driver_test, stops_in_good_order_when_asked) {
  start();
  hear(101, "READY=1");
  ask_to_stop();
  EXPECT_THAT(processes_.signals, ElementsAre("15 101"));
  EXPECT_FALSE(exit_code_);
  end(101);
  pass(1s);
  EXPECT_EQ(exit_code_, exit_stopped);
  EXPECT_EQ(spawns(), 1u);
}

/// Agents go on, and their shims would bring it back.
// proves: S16
TEST_F(guard_driver_test, leaves_a_mark_when_it_is_stopped_on_purpose_and_the_next_one_removes_it) {
  const auto mark = layout.run_directory() / "guard.stopped";
  start();
  hear(101, "READY=1");
  EXPECT_FALSE(files_.content.contains(mark));
  ask_to_stop();
  EXPECT_TRUE(files_.content.contains(mark));
  end(101);
  pass(1s);
  EXPECT_EQ(exit_code_, exit_stopped);
  locks_.held.clear();
  start();
  EXPECT_FALSE(files_.content.contains(mark));
}

// proves: S9
TEST_F(guard_driver_test, of_an_init_system_waits_for_the_end_of_another_guard) {
  locks_.held[layout.guard_lock()] = {9, 9, "boot"};
  auto with = options();
  with.notify_address = "@init";
  with.watchdog = 4s;
  start(with);
  pass(8s);
  EXPECT_FALSE(exit_code_);
  EXPECT_THAT(notifications_.sent_to("@init"), Contains(HasSubstr("process 9 guards the home")));
  EXPECT_THAT(notifications_.sent_to("@init"), Contains("WATCHDOG=1").Times(testing::Ge(4u)));
  EXPECT_EQ(spawns(), 0u);
  locks_.held.clear();
  pass(1s);
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_driver_test, of_an_init_system_can_be_stopped_while_it_waits) {
  locks_.held[layout.guard_lock()] = {9, 9, "boot"};
  auto with = options();
  with.notify_address = "@init";
  start(with);
  ask_to_stop();
  EXPECT_EQ(exit_code_, exit_stopped);
}

TEST_F(guard_driver_test, takes_no_sockets_of_an_init_system_that_others_have_replaced) {
  start();  // one that a shim started; it binds its own
  end(101);
  locks_.held.clear();
  network_.bound.clear();
  network_.inherited = {"control", "agent"};
  auto with = options();
  with.notify_address = "@init";
  start(with);
  EXPECT_THAT(network_.bound, ElementsAre("control", "agent", "control.sock", "agent.sock"));
}

TEST_F(guard_driver_test, goes_on_trying_while_a_socket_cannot_be_bound) {
  network_.refuse = true;
  start();
  EXPECT_EQ(spawns(), 0u);
  EXPECT_THAT(said_.lines(), Contains(HasSubstr("bind refused")));
  network_.refuse = false;
  pass(1s);
  EXPECT_EQ(spawns(), 1u);
}

// proves: S9
TEST_F(guard_driver_test, speaks_to_its_own_init_system) {
  auto with = options();
  with.notify_address = "@init";
  with.watchdog = 4s;
  start(with);
  EXPECT_THAT(notifications_.sent_to("@init"), Contains("READY=1"));
  EXPECT_THAT(processes_.spawned[0].environment, Not(Contains(StartsWith("NINE_GUARD="))))
      << "the init system replaces a dead guard";
  hear(101, "READY=1");
  pass(8s);
  EXPECT_THAT(notifications_.sent_to("@init"), Contains("WATCHDOG=1").Times(testing::Ge(4u)));
  ask_to_stop();
  EXPECT_THAT(notifications_.sent_to("@init"), Contains("STOPPING=1"));
}

}  // namespace
}  // namespace nine::supervision::guard
