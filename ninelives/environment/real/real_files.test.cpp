#include "ninelives/environment/real/real_files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "ninelives/environment/real/testing.hpp"

namespace nine::environment {
namespace {

class real_files_test : public ::testing::Test {
 protected:
  testing::temporary_directory directory_;
  real_files files_;
};

mode_t mode_of(const path& file) {
  struct stat found{};
  EXPECT_EQ(::lstat(file.c_str(), &found), 0);
  return found.st_mode & 07777;
}

TEST_F(real_files_test, what_was_written_reads_back_and_is_private) {
  const std::string content("a\0b", 3);
  ASSERT_TRUE(files_.write_durably(directory_ / "f", content));
  EXPECT_EQ(files_.read(directory_ / "f", 3), content);
  EXPECT_EQ(mode_of(directory_ / "f"), 0600u);
}

TEST_F(real_files_test, writing_replaces_the_whole_file_and_leaves_nothing_else) {
  ASSERT_TRUE(files_.write_durably(directory_ / "f", "a long first content"));
  ASSERT_TRUE(files_.write_durably(directory_ / "f", "short"));
  EXPECT_EQ(files_.read(directory_ / "f", 100), "short");
  EXPECT_EQ(files_.list(directory_.path()), (std::vector<std::string>{"f"}));
}

TEST_F(real_files_test, writing_into_a_missing_directory_names_the_path) {
  const auto written = files_.write_durably(directory_ / "none/f", "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, error_code::not_found);
  EXPECT_NE(written.error().message.find("none/f"), std::string::npos);
}

TEST_F(real_files_test, a_failed_replacement_leaves_no_temporary_file) {
  ASSERT_TRUE(files_.make_directory(directory_ / "f"));
  EXPECT_FALSE(files_.write_durably(directory_ / "f", "x"));
  EXPECT_EQ(files_.list(directory_.path()), (std::vector<std::string>{"f"}));
}

TEST_F(real_files_test, a_file_over_the_limit_is_not_read) {
  ASSERT_TRUE(files_.write_durably(directory_ / "f", "1234"));
  EXPECT_EQ(files_.read(directory_ / "f", 3).error().code, error_code::too_large);
  EXPECT_EQ(files_.read(directory_ / "f", 4), "1234");
  EXPECT_EQ(files_.read(directory_ / "f", std::numeric_limits<bytes>::max()), "1234");
}

TEST_F(real_files_test, a_range_may_begin_and_end_anywhere) {
  ASSERT_TRUE(files_.write_durably(directory_ / "f", "0123456789"));
  EXPECT_EQ(files_.read_range(directory_ / "f", 2, 3), "234");
  EXPECT_EQ(files_.read_range(directory_ / "f", 8, 100), "89");
  EXPECT_EQ(files_.read_range(directory_ / "f", 10, 1), "");
  EXPECT_EQ(files_.read_range(directory_ / "f", 1000, 1), "");
}

TEST_F(real_files_test, files_without_a_size_are_read_to_their_end) {
  const auto status = files_.read("/proc/self/status", 1 * MiB);
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->starts_with("Name:"));
}

TEST_F(real_files_test, reading_a_directory_or_a_fifo_fails_at_once) {
  ASSERT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0600), 0);
  EXPECT_FALSE(files_.read(directory_.path(), 10));
  EXPECT_FALSE(files_.read(directory_ / "fifo", 10));
}

TEST_F(real_files_test, directories_are_made_with_their_parents_and_are_private) {
  ASSERT_TRUE(files_.make_directory(directory_ / "a/b/c"));
  ASSERT_TRUE(files_.make_directory(directory_ / "a/b/c/"));
  EXPECT_EQ(mode_of(directory_ / "a/b"), 0700u);
  EXPECT_TRUE(files_.information(directory_ / "a/b/c")->is_directory);
}

TEST_F(real_files_test, a_file_in_the_way_of_a_directory_is_reported) {
  ASSERT_TRUE(files_.write_durably(directory_ / "a", ""));
  EXPECT_EQ(files_.make_directory(directory_ / "a/b").error().code, error_code::already_exists);
}

TEST_F(real_files_test, names_are_listed_sorted) {
  for (const auto* name : {"b", "a", ".c"})
    ASSERT_TRUE(files_.write_durably(directory_ / name, ""));
  EXPECT_EQ(files_.list(directory_.path()), (std::vector<std::string>{".c", "a", "b"}));
  EXPECT_EQ(files_.list(directory_ / "none").error().code, error_code::not_found);
}

TEST_F(real_files_test, information_tells_size_and_time) {
  ASSERT_TRUE(files_.write_durably(directory_ / "f", "12345"));
  const auto told = files_.information(directory_ / "f");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->size, 5u);
  EXPECT_GT(told->modified, wall_time_from_milliseconds(1'600'000'000'000));
  EXPECT_EQ(files_.information(directory_ / "none").error().code, error_code::not_found);
}

TEST_F(real_files_test, private_is_what_is_ours_alone_and_no_link) {
  ASSERT_TRUE(files_.make_directory(directory_ / "d"));
  EXPECT_TRUE(files_.information(directory_ / "d")->is_private);
  std::filesystem::create_directory_symlink(directory_ / "d", directory_ / "link");
  EXPECT_FALSE(files_.information(directory_ / "link")->is_private);
  ASSERT_EQ(::chmod((directory_ / "d").c_str(), 0750), 0);
  EXPECT_FALSE(files_.information(directory_ / "d")->is_private);
}

TEST_F(real_files_test, removing_takes_what_a_directory_holds_and_nothing_behind_a_link) {
  ASSERT_TRUE(files_.make_directory(directory_ / "outside"));
  ASSERT_TRUE(files_.write_durably(directory_ / "outside/keep", "x"));
  ASSERT_TRUE(files_.make_directory(directory_ / "inside/deep"));
  std::filesystem::create_directory_symlink(directory_ / "outside", directory_ / "inside/link");
  std::filesystem::create_directory_symlink(directory_ / "outside", directory_ / "link");

  EXPECT_TRUE(files_.remove(directory_ / "inside"));
  EXPECT_TRUE(files_.remove(directory_ / "link"));
  EXPECT_TRUE(files_.remove(directory_ / "never was"));
  EXPECT_EQ(files_.list(directory_.path()), (std::vector<std::string>{"outside"}));
  EXPECT_EQ(files_.read(directory_ / "outside/keep", 1), "x");
}

}  // namespace
}  // namespace nine::environment
