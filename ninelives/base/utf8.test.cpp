#include "ninelives/base/utf8.hpp"

#include <gtest/gtest.h>

namespace nine {
namespace {

TEST(utf8, whole_sequences_are_measured) {
  EXPECT_EQ(utf8_sequence_length("a"), 1U);
  EXPECT_EQ(utf8_sequence_length("\xC3\xA9x"), 2U);
  EXPECT_EQ(utf8_sequence_length("\xE2\x82\xAC"), 3U);
  EXPECT_EQ(utf8_sequence_length("\xF0\x9F\x98\x80"), 4U);
  EXPECT_EQ(utf8_sequence_length("\xF4\x8F\xBF\xBF"), 4U);
}

TEST(utf8, what_is_no_sequence_has_no_length) {
  for (const auto* text :
       {"", "\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3x", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82"}) {
    EXPECT_EQ(utf8_sequence_length(text), 0U);
  }
}

TEST(utf8, a_prefix_cuts_no_sequence) {
  const std::string_view text = "ab\xE2\x82\xACz";
  EXPECT_EQ(utf8_prefix(text, 9), text);
  EXPECT_EQ(utf8_prefix(text, 5), "ab\xE2\x82\xAC");
  EXPECT_EQ(utf8_prefix(text, 4), "ab");
  EXPECT_EQ(utf8_prefix(text, 3), "ab");
  EXPECT_EQ(utf8_prefix("\x80\x80\x80\x80\x80\x80", 5).size(), 2U);
}

TEST(utf8, other_bytes_are_replaced_one_by_one) {
  EXPECT_TRUE(is_utf8("caf\xC3\xA9"));
  EXPECT_FALSE(is_utf8("caf\xE9"));
  EXPECT_EQ(as_utf8("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(as_utf8("caf\xE9!"), "caf\xEF\xBF\xBD!");
  EXPECT_EQ(as_utf8("\xFF\xFEx"), "\xEF\xBF\xBD\xEF\xBF\xBDx");
  EXPECT_EQ(as_utf8("cut \xE2\x82"), "cut \xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(as_utf8(""), "");
}

}  // namespace
}  // namespace nine
