#include "simulation/environment/simulated_disk.hpp"

#include <gtest/gtest.h>

#include <set>

namespace nine::simulation {
namespace {

class disk_under_test {
 public:
  explicit disk_under_test(std::uint64_t seed = 1)
      : disk(random_stream(seed), plan, [] { return wall_time(5s); }) {}
  faults plan;
  simulated_disk disk;
};

std::string text_of(simulated_disk& disk, const char* file) {
  return disk.read(file, 1 * MiB).value_or("(nothing)");
}

TEST(simulated_disk, keeps_what_was_written_durably_through_a_crash) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    disk_under_test subject(seed);
    ASSERT_TRUE(subject.disk.make_directory("/home/run"));
    ASSERT_TRUE(subject.disk.write_durably("/home/run/file", "old"));
    ASSERT_TRUE(subject.disk.write_durably("/home/run/file", "new"));
    subject.disk.crash();
    EXPECT_EQ(text_of(subject.disk, "/home/run/file"), "new");
  }
}

TEST(simulated_disk, may_lose_what_was_not_synced) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    disk_under_test subject(seed);
    ASSERT_TRUE(subject.disk.write_durably("/log", "ab"));
    ASSERT_TRUE(subject.disk.append("/log", "cd"));
    EXPECT_EQ(text_of(subject.disk, "/log"), "abcd");
    subject.disk.crash();
    seen.insert(text_of(subject.disk, "/log"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"ab", "abc", "abcd"}));
}

TEST(simulated_disk, may_bring_back_what_was_removed_but_not_synced) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    disk_under_test subject(seed);
    ASSERT_TRUE(subject.disk.write_durably("/file", "here"));
    ASSERT_TRUE(subject.disk.remove("/file"));
    EXPECT_EQ(text_of(subject.disk, "/file"), "(nothing)");
    subject.disk.crash();
    seen.insert(text_of(subject.disk, "/file"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"(nothing)", "here"}));
}

TEST(simulated_disk, leaves_nothing_without_its_directory) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    disk_under_test subject(seed);
    ASSERT_TRUE(subject.disk.make_directory("/a/b"));
    ASSERT_TRUE(subject.disk.write_durably("/a/b/c", "x"));
    ASSERT_TRUE(subject.disk.remove("/a"));
    subject.disk.crash();
    if (subject.disk.exists("/a/b/c")) {
      EXPECT_TRUE(subject.disk.exists("/a/b"));
      EXPECT_TRUE(subject.disk.exists("/a"));
    }
  }
}

TEST(simulated_disk, lists_the_names_in_a_directory_only) {
  disk_under_test subject;
  ASSERT_TRUE(subject.disk.make_directory("/a/b"));
  ASSERT_TRUE(subject.disk.write_durably("/a/z", "1"));
  ASSERT_TRUE(subject.disk.write_durably("/a/b/c", "1"));
  ASSERT_TRUE(subject.disk.make_directory("/a-other"));
  EXPECT_EQ(subject.disk.list("/a").value(), (std::vector<std::string>{"b", "z"}));
  EXPECT_EQ(subject.disk.list("/none").error().code, error_code::not_found);
}

TEST(simulated_disk, refuses_to_write_when_it_is_full_and_goes_on_after) {
  disk_under_test subject;
  subject.plan.disk_full = true;
  EXPECT_EQ(subject.disk.write_durably("/file", "x").error().code, error_code::resource_exhausted);
  EXPECT_EQ(subject.disk.append("/file", "x").error().code, error_code::resource_exhausted);
  subject.plan.disk_full = false;
  EXPECT_TRUE(subject.disk.write_durably("/file", "x"));
}

// The real one renames first and syncs the directory then.
TEST(simulated_disk, may_have_replaced_a_file_although_it_says_that_it_failed) {
  std::set<std::string> seen;
  std::set<std::string> left;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    disk_under_test subject(seed);
    ASSERT_TRUE(subject.disk.write_durably("/file", "old"));
    subject.plan.disk_error = 1;
    EXPECT_EQ(subject.disk.write_durably("/file", "newer").error().code, error_code::io_error);
    subject.plan.disk_error = 0;
    seen.insert(text_of(subject.disk, "/file"));
    subject.disk.crash();
    left.insert(text_of(subject.disk, "/file"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"newer", "old"}));
  EXPECT_EQ(left, (std::set<std::string>{"newer", "old"})) << "whole, whichever it is";
}

TEST(simulated_disk, reads_a_range_and_names_what_is_missing) {
  disk_under_test subject;
  ASSERT_TRUE(subject.disk.write_durably("/file", "abcdef"));
  EXPECT_EQ(subject.disk.read_range("/file", 2, 3).value(), "cde");
  EXPECT_EQ(subject.disk.read_range("/file", 9, 3).value(), "");
  EXPECT_EQ(subject.disk.read("/file", 5).error().code, error_code::too_large);
  EXPECT_EQ(subject.disk.read("/none", 5).error().message,
            "read '/none': No such file or directory");
}

}  // namespace
}  // namespace nine::simulation
