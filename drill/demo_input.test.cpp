// `nine demo` on repositories that are not to its taste: it says so, and leaves nothing behind.

#include <gtest/gtest.h>

#include "drill/shell.hpp"

namespace nine::drill {
namespace {

constexpr auto new_repository =
    "git init -q . && git config user.email a@b.c && git config user.name a; ";

TEST(demo_input, a_repository_in_latin_1_gets_its_messages) {
  home place;
  const auto made = shell(place, std::string(new_repository) +
                                     "for i in 1 2; do printf 'caf\\351 %s\\n' $i >f; git add f; "
                                     "git commit -qm \"$(printf '\\351t\\351 %s' $i)\"; done");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto demo = shell(place, "exec nine demo --tasks 2 --kills 0");
  EXPECT_EQ(demo.exit_code, 0) << demo.out << demo.err;
  EXPECT_TRUE(demo.out.contains("2 tasks, 2 results")) << demo.out;
}

TEST(demo_input, a_long_diff_is_cut_between_characters) {
  home place;
  // Two bytes a character behind one of one byte: the limit falls into the middle of one.
  const auto made = shell(place, std::string(new_repository) +
                                     "for i in 1 2; do { printf \"$i\"; head -c 300000 /dev/zero | "
                                     "sed 's/\\x00/\\xc3\\xa9/g'; echo; } >f; git add f; "
                                     "git commit -qm $i; done");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(shell(place, "exec nine demo --tasks 2 --kills 0").exit_code, 0);
}

TEST(demo_input, what_is_no_repository_is_a_mistake_that_leaves_nothing_behind) {
  home place;
  const auto demo = shell(place, "exec nine demo --repo /nonexistent/place");
  EXPECT_EQ(demo.exit_code, 2) << demo.err;
  EXPECT_TRUE(demo.err.contains("/nonexistent/place")) << demo.err;
  EXPECT_FALSE(demo.err.contains("kept")) << demo.err;
}

}  // namespace
}  // namespace nine::drill
