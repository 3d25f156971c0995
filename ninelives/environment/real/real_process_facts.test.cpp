#include "ninelives/environment/real/real_process_facts.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ninelives/environment/real/real_clock.hpp"
#include "ninelives/environment/real/system/process_table.hpp"

namespace nine::environment {
namespace {

TEST(real_process_facts, of_this_process_tell_since_when_it_lives_and_that_it_moves) {
  const auto self = system::identify_self();
  ASSERT_TRUE(self);
  const auto facts = facts_of(*self);
  EXPECT_EQ(facts.now, liveness::alive);
  EXPECT_FALSE(facts.stopped);
  const auto day = 24h;
  const auto now = real_clock().wall_now();
  EXPECT_GT(facts.started, now - 365 * day);
  EXPECT_LE(facts.started, now + day) << "not in the future, however the clock is set meanwhile";
  ::poll(nullptr, 0, 1);  // is the pause that must be seen
  EXPECT_GT(facts_of(*self).pauses, facts.pauses);
}

TEST(real_process_facts, place_a_start_by_the_age_of_the_process) {
  const wall_time now(1'000'000s);
  EXPECT_EQ(start_of(4200, 100, 50s, now), now - 8s);
  EXPECT_EQ(start_of(4201, 100, 50s, now), now - 8s + 10ms);
  EXPECT_EQ(start_of(0, 100, 50s, now), now - 50s) << "as old as the machine";
  EXPECT_EQ(start_of(10500, 250, 50s, now), now - 8s) << "whatever a tick is";
}

TEST(real_process_facts, tell_a_stopped_and_a_dead_process) {
  const auto child = ::fork();
  if (child == 0) {
    ::raise(SIGSTOP);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
  const auto identity = system::identify(child);
  ASSERT_TRUE(identity);
  EXPECT_TRUE(facts_of(*identity).stopped);
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(facts_of(*identity).now, liveness::gone);
}

}  // namespace
}  // namespace nine::environment
