#include "ninelives/environment/real/system/spawn_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "ninelives/environment/real/system/process_table.hpp"

namespace nine::environment::system {
namespace {

/// No control group, so that clone3(2) refuses it and the child has to move itself.
class a_group_entered_by_the_child_itself : public testing::Test {
 protected:
  a_group_entered_by_the_child_itself() {
    std::string pattern = "/tmp/nine-test-group-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~a_group_entered_by_the_child_itself() override { std::filesystem::remove_all(directory_); }

  bool child_is_in_group() const {
    const descriptor group(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    spawn_specification what;
    what.arguments = {"/bin/true"};
    what.descriptors = {nothing.get(), nothing.get(), nothing.get()};
    what.cgroup = group.get();
    const auto born = spawn_process(what);
    EXPECT_TRUE(born) << born.error().message;
    if (!born) return false;
    EXPECT_EQ(::waitpid(born->pid, nullptr, 0), born->pid);
    return born->in_cgroup;
  }

  std::string members() const { return directory_ + "/cgroup.procs"; }

  std::string directory_;
};

TEST_F(a_group_entered_by_the_child_itself, counts_when_the_group_took_it) {
  std::ofstream(members()).flush();
  EXPECT_TRUE(child_is_in_group());
}

TEST_F(a_group_entered_by_the_child_itself, does_not_count_when_the_group_took_nobody) {
  EXPECT_FALSE(child_is_in_group()) << "it has no list of members";
  std::filesystem::create_symlink("/dev/full", members());
  EXPECT_FALSE(child_is_in_group()) << "its list of members takes no more";
}

TEST(spawn_process, tells_the_start_time_of_the_child_where_the_clock_told_it) {
  const descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  spawn_specification what;
  what.arguments = {"/bin/true"};
  what.descriptors = {nothing.get(), nothing.get(), nothing.get()};
  int told = 0;
  for (int i = 0; i < 200; ++i) {
    const auto born = spawn_process(what);
    ASSERT_TRUE(born) << born.error().message;
    const auto seen = read_process_status(born->pid);  // not reaped yet
    EXPECT_EQ(::waitpid(born->pid, nullptr, 0), born->pid);
    ASSERT_TRUE(seen) << seen.error().message;
    if (!born->start_time) continue;  // a tick began just then
    ++told;
    EXPECT_EQ(*born->start_time, seen->start_time);
  }
  EXPECT_GT(told, 0);
}

}  // namespace
}  // namespace nine::environment::system
