#include "ninelives/supervision/guard/guard_starter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ninelives/supervision/guard/guard_world.test.hpp"

namespace nine::supervision::guard {
namespace {

using testing::ElementsAre;

class guard_starter_test : public guard_world {
 protected:
  result<guard_presence> ensure() {
    const guard_command command{
        .arguments = {"/usr/bin/nine", "guard"}, .environment = {}, .log = {}};
    return ensure_guard(files_, locks_, processes_, layout, command);
  }
};

TEST_F(guard_starter_test, starts_a_guard_where_none_is) {
  EXPECT_EQ(ensure(), guard_presence::started);
  ASSERT_EQ(spawns(), 1u);
  EXPECT_THAT(processes_.spawned[0].environment, ElementsAre("NINE_HOME=/home/ann/nine"));
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
