#include "ninelives/supervision/guard/guard_link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ninelives/home/prepare_home.hpp"
#include "ninelives/supervision/guard/guard_world.test.hpp"
#include "ninelives/supervision/guard/handover.hpp"

namespace nine::supervision::guard {
namespace {

using testing::ElementsAre;

class guard_link_test : public guard_world {
 protected:
  guard_link made(std::string guard) {
    guard_link_options with{.layout = layout};
    with.notify_address = "/notify";
    with.home_key = *home::ensure_home_key(files_, random_, layout);
    with.guard = std::move(guard);
    with.command = {.arguments = {"/usr/bin/nine", "guard"}, .environment = {"NOTIFY_SOCKET=/x"}};
    return guard_link(
        with, guard_link_seams{clock_, random_, files_, processes_, notifications_, locks_});
  }
  void keep(guard_link& link) {
    asio::co_spawn(context_, link.keep_guard(control_, agent_),
                   [this](std::exception_ptr) { ended_ = true; });
    settle();
  }

  std::vector<std::string> bound_;
  fake_listener control_{"control", bound_};
  fake_listener agent_{"agent", bound_};
  bool ended_ = false;
};

TEST_F(guard_link_test, sends_what_it_is_told_and_one_beat_each_interval) {
  auto link = made("");
  link.ready();
  link.beat();
  link.beat();
  clock_.advance(1s);
  link.beat();
  link.status("two tasks");
  link.stopping();
  EXPECT_THAT(notifications_.sent_to("/notify"),
              ElementsAre("READY=1", "WATCHDOG=1", "WATCHDOG=1", "STATUS=two tasks", "STOPPING=1"));
}

TEST_F(guard_link_test, replaces_a_dead_guard_and_hands_over_sockets_and_itself) {
  const auto guard = processes_.start();
  auto link = made(to_string(name_of(guard)));
  keep(link);
  EXPECT_EQ(spawns(), 0u);
  end(guard.pid);
  ASSERT_EQ(spawns(), 1u);
  const auto& next = processes_.spawned[0];
  EXPECT_THAT(next.environment, ElementsAre("NINE_HOME=/home/ann/nine", "NINE_ADOPT_CORE=1:5001"));
  ASSERT_EQ(next.listeners.size(), 2u);
  EXPECT_EQ(next.listeners[0].socket, &control_);
  EXPECT_EQ(next.listeners[1].socket, &agent_);
  EXPECT_EQ(link.guard()->pid, processes_.last_pid());
  pass(1min);
  end(processes_.last_pid());
  EXPECT_EQ(spawns(), 2u) << "and the next one, at once after a stable life";
}

TEST_F(guard_link_test, replaces_a_guard_that_died_before_it_looked) {
  auto link = made("77:88");
  keep(link);
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_link_test, is_not_tight_when_guards_keep_dying) {
  auto link = made("77:88");
  keep(link);
  for (int life = 0; life < 5; ++life)
    end(processes_.last_pid());
  EXPECT_EQ(spawns(), 1u);
  pass(500ms);
  EXPECT_EQ(spawns(), 2u);
}

TEST_F(guard_link_test, accepts_the_guard_that_was_quicker) {
  const auto guard = processes_.start();
  auto link = made(to_string(name_of(guard)));
  keep(link);
  const auto other = processes_.start();
  locks_.held[layout.guard_lock()] = other;
  end(guard.pid);
  EXPECT_EQ(spawns(), 0u);
  EXPECT_EQ(link.guard(), other);
  locks_.held.clear();
  pass(1min);
  end(other.pid);
  EXPECT_EQ(spawns(), 1u) << "and watches it from then on";
}

TEST_F(guard_link_test, tries_again_when_a_guard_cannot_be_started) {
  processes_.refuse_spawn = true;
  auto link = made("77:88");
  keep(link);
  processes_.refuse_spawn = false;
  pass(1s);
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_link_test, starts_no_guard_for_a_stopped_home) {
  const auto guard = processes_.start();
  auto link = made(to_string(name_of(guard)));
  keep(link);
  stop_home();
  end(guard.pid);
  EXPECT_EQ(spawns(), 0u);
  EXPECT_TRUE(ended_);
}

// proves: S15
TEST_F(guard_link_test, starts_no_guard_for_a_home_that_was_removed) {
  const auto guard = processes_.start();
  auto link = made(to_string(name_of(guard)));
  keep(link);
  files_.content.clear();
  end(guard.pid);
  EXPECT_EQ(spawns(), 0u) << "it would make the home anew";
  EXPECT_TRUE(ended_);
}

TEST_F(guard_link_test, leaves_the_guard_to_an_init_system) {
  auto link = made("");
  keep(link);
  EXPECT_TRUE(ended_);
  EXPECT_EQ(spawns(), 0u);
}

}  // namespace
}  // namespace nine::supervision::guard
