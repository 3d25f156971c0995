#include "ninelives/environment/real/system/log_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace nine::environment::system {
namespace {

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class a_log_file : public testing::Test {
 protected:
  a_log_file() {
    std::string pattern = "/tmp/nine-test-log-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    path_ = directory_ + "/log";
  }
  ~a_log_file() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
  std::string path_;
};

TEST_F(a_log_file, goes_on_where_an_earlier_one_ended_and_is_its_owners_alone) {
  log_file(path_, 0).append("one ");
  log_file(path_, 0).append("two");
  EXPECT_EQ(content_of(path_), "one two");
  struct ::stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(a_log_file, is_moved_aside_when_it_would_grow_past_its_size) {
  log_file log(path_, 10);
  log.append("0123456");
  log.append("789abcdef");
  EXPECT_EQ(content_of(path_ + ".1"), "0123456789");
  EXPECT_EQ(content_of(path_), "abcdef");
}

TEST_F(a_log_file, can_be_made_before_its_first_byte) {
  log_file log(path_, 0);
  log.open();
  EXPECT_EQ(content_of(path_), "");
  EXPECT_TRUE(std::filesystem::exists(path_));
  log.append("first");
  log.open();
  EXPECT_EQ(content_of(path_), "first");
}

TEST_F(a_log_file, is_made_by_its_first_byte) {
  log_file log(path_, 10);
  EXPECT_TRUE(log.in_place());
  EXPECT_FALSE(std::filesystem::exists(path_));
  log.append("first");
  EXPECT_EQ(content_of(path_), "first");
  EXPECT_TRUE(log.in_place());
  std::filesystem::remove(path_);
  EXPECT_FALSE(log.in_place());
}

TEST_F(a_log_file, made_by_its_first_byte_counts_what_was_there_before) {
  std::ofstream(path_) << "01234567";
  log_file log(path_, 10);
  log.append("89ab");
  EXPECT_EQ(content_of(path_ + ".1"), "0123456789");
  EXPECT_EQ(content_of(path_), "ab");
}

TEST_F(a_log_file, counts_what_is_lost_while_it_cannot_be_made_and_tells_it_afterwards) {
  const auto missing = directory_ + "/missing";
  log_file log(missing + "/log", 0);
  log.append("lost");
  EXPECT_EQ(log.lost(), 4U);
  std::filesystem::create_directory(missing);
  log.append("kept");
  EXPECT_EQ(content_of(missing + "/log"), "\n[4 bytes of output were lost here]\nkept");
}

TEST_F(a_log_file, is_emptied_whether_open_or_not) {
  std::ofstream(path_) << "old";
  log_file log(path_, 0);
  log.clear();
  EXPECT_EQ(content_of(path_), "");
  log.append("new");
  log.clear();
  EXPECT_EQ(content_of(path_), "");
}

}  // namespace
}  // namespace nine::environment::system
