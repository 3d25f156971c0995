#include "ninelives/command_line/cut_line.hpp"

#include <gtest/gtest.h>

namespace nine::command_line {
namespace {

TEST(cut_line, a_line_is_cut_between_characters_to_the_columns_there_are) {
  EXPECT_EQ(cut_line("12345", 5), "12345");
  EXPECT_EQ(cut_line("123456", 5), "12...");
  EXPECT_EQ(cut_line("éééééé", 6), "éééééé");
  EXPECT_EQ(cut_line("ééééééé", 6), "ééé...");
  EXPECT_EQ(cut_line("1234", 2), "");
  EXPECT_EQ(cut_line("two\nlines", 20), "two lines");
}

}  // namespace
}  // namespace nine::command_line
