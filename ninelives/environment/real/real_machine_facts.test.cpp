#include "ninelives/environment/real/real_machine_facts.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "ninelives/environment/real/testing.hpp"

namespace nine::environment {
namespace {

TEST(real_machine_facts, tell_what_this_machine_has) {
  const testing::temporary_directory directory;
  const auto now = wall_time_from_milliseconds(1'800'000'000'000);
  const auto facts = look_at_machine(directory / "not" / "made" / "yet", now);
  EXPECT_FALSE(facts.kernel.empty());
  EXPECT_TRUE(facts.pidfd) << "nothing of Ninelives works without";
  EXPECT_GT(facts.disk_free, 0u);
  EXPECT_GT(facts.files_free, 0u);
  EXPECT_EQ(facts.now, now);
}

TEST(real_machine_facts, tell_the_limit_of_descriptors) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{.rlim_cur = 100, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const auto facts = look_at_machine("/tmp", {});
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(facts.descriptors_most, 100u);
}

}  // namespace
}  // namespace nine::environment
