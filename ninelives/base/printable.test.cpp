#include "ninelives/base/printable.hpp"

#include <gtest/gtest.h>

namespace nine {
namespace {

TEST(printable, control_characters_are_shown_and_not_obeyed) {
  EXPECT_EQ(printable("\x1b]0;title\x07 text\x7f"), "\\x1b]0;title\\x07 text\\x7f");
  EXPECT_EQ(printable("red\xC2\x9B"
                      "31m"),
            "red\\x9b31m");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("over\rwritten"), "over\\x0dwritten");
}

TEST(printable, honest_text_stays_as_it_is) {
  for (const auto* text :
       {"", "two\nlines\tand a tab", "\xC3\xA9t\xC3\xA9 \xE2\x82\xAC", "\xC2\xA0", "C:\\x1b"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(printable, other_bytes_are_replaced) {
  EXPECT_EQ(printable("a\x9B\xFF"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(printable, one_line_stays_one_line) {
  EXPECT_EQ(printable_line("one\ntwo\r\nthree\tfour\x1b[2J"), "one two three four\\x1b[2J");
}

}  // namespace
}  // namespace nine
