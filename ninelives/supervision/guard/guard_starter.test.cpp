#include "ninelives/supervision/guard/guard_starter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ninelives/supervision/guard/guard_world.test.hpp"

namespace nine::supervision::guard {
namespace {

using testing::ElementsAre;

class guard_starter_test : public guard_world {
 protected:
  result<guard_presence> ensure() { return starter_.ensure(); }

  guard_starter starter_{{clock_, files_, locks_, processes_},
                         layout,
                         {.arguments = {"/usr/bin/nine", "guard"}, .environment = {}, .log = {}}};
};

TEST_F(guard_starter_test, starts_a_guard_where_none_is) {
  EXPECT_EQ(ensure(), guard_presence::started);
  ASSERT_EQ(spawns(), 1u);
  EXPECT_THAT(processes_.spawned[0].environment, ElementsAre("NINE_HOME=/home/ann/nine"));
}

// A second guard has nothing to do, and has the home when the first has ended, as one whose core
// refused it.
TEST_F(guard_starter_test, starts_no_second_guard_while_the_first_is_on_its_way_to_its_lock) {
  EXPECT_EQ(ensure(), guard_presence::started);
  EXPECT_EQ(ensure(), guard_presence::running);
  processes_.end(processes_.last_pid());
  EXPECT_EQ(ensure(), guard_presence::started) << "the first is dead";
  clock_.advance(4s);
  EXPECT_EQ(ensure(), guard_presence::running);
  clock_.advance(1s);
  EXPECT_EQ(ensure(), guard_presence::started) << "the second is stuck";
  EXPECT_EQ(spawns(), 3u);
}

TEST_F(guard_starter_test, leaves_a_guarded_home_alone) {
  locks_.held[layout.guard_lock()] = {9, 9, "boot"};
  EXPECT_EQ(ensure(), guard_presence::running);
  EXPECT_EQ(spawns(), 0u);
}

// proves: S16
TEST_F(guard_starter_test, leaves_a_stopped_home_alone) {
  stop_home();
  EXPECT_EQ(ensure(), guard_presence::stopped);
  EXPECT_EQ(spawns(), 0u);
}

TEST_F(guard_starter_test, says_why_it_cannot_start_one) {
  processes_.refuse_spawn = true;
  EXPECT_EQ(ensure().error().message, "no such program");
}

}  // namespace
}  // namespace nine::supervision::guard
