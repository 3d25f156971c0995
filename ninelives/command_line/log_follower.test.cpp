#include "ninelives/command_line/log_follower.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"

namespace nine::command_line {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class log_follower_test : public ::testing::Test {
 protected:
  void append(const std::string& text) { std::ofstream(file_, std::ios::app) << text; }
  void move_aside() { std::filesystem::rename(file_, file_.string() + ".1"); }

  environment::testing::temporary_directory directory_;
  std::filesystem::path file_ = directory_ / "core.log";
  environment::real_files files_;
  log_follower log_{files_, file_};
};

TEST_F(log_follower_test, shows_the_last_lines_and_then_what_is_added) {
  append("one\ntwo\nthree\n");
  EXPECT_THAT(log_.last_lines(2), ElementsAre("two", "three"));
  EXPECT_THAT(log_.added_lines(), IsEmpty());
  append("four\n");
  EXPECT_THAT(log_.added_lines(), ElementsAre("four"));
}

TEST_F(log_follower_test, a_line_is_shown_when_it_is_whole) {
  append("one\ntw");
  EXPECT_THAT(log_.last_lines(9), ElementsAre("one"));
  append("o\n");
  EXPECT_THAT(log_.added_lines(), ElementsAre("two"));
}

TEST_F(log_follower_test, goes_on_when_the_log_was_moved_aside) {
  append("one\n");
  EXPECT_THAT(log_.last_lines(9), ElementsAre("one"));
  append("two\n");
  move_aside();
  append("3\n");
  EXPECT_THAT(log_.added_lines(), ElementsAre("two", "3"));
}

TEST_F(log_follower_test, looks_into_the_log_moved_aside_for_earlier_lines) {
  append("one\ntwo\n");
  move_aside();
  append("three\n");
  EXPECT_THAT(log_.last_lines(2), ElementsAre("two", "three"));
}

TEST_F(log_follower_test, a_log_that_is_not_there_is_empty) {
  EXPECT_THAT(log_.last_lines(9), IsEmpty());
  append("one\n");
  EXPECT_THAT(log_.added_lines(), ElementsAre("one"));
}

TEST_F(log_follower_test, of_a_huge_log_the_end_is_read_and_no_torn_line_shown) {
  append(std::string(log_follower::looked_at_most, 'x') + "\nlast\n");
  EXPECT_THAT(log_.last_lines(9), ElementsAre("last"));
}

TEST(added_text, is_what_lies_behind_what_was_shown) {
  std::size_t shown = 0;
  EXPECT_EQ(added_text("abc", 0, shown), "abc");
  EXPECT_EQ(added_text("abcde", 0, shown), "de");
  EXPECT_EQ(added_text("cdefg", 2, shown), "fg");  // the beginning is not kept any more
  EXPECT_EQ(added_text("xyz", 20, shown), "xyz");  // more was added than is kept
  EXPECT_EQ(added_text("new", 0, shown), "new");   // begun anew
}

}  // namespace
}  // namespace nine::command_line
