#include "ninelives/configuration/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace nine::configuration {
namespace {

TEST(nearest, the_distance_counts_single_slips) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("command", "comand"), 1U);
  EXPECT_EQ(edit_distance("timeout", "tiemout"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance(std::string(65, 'a'), "b"), 65U);
}

TEST(nearest, a_slip_is_recognised_and_another_word_is_not) {
  const std::vector<std::string> known{"agents", "models", "tasks"};
  EXPECT_EQ(nearest("agent", known), "agents");
  EXPECT_EQ(nearest("modles", known), "models");
  EXPECT_EQ(nearest("gateway", known), std::nullopt);
  EXPECT_EQ(nearest("x", std::vector<std::string>{"a"}), std::nullopt);
}

TEST(nearest, without_a_likely_name_the_known_ones_are_listed) {
  EXPECT_EQ(suggestion("zzzzzz", std::vector<std::string>{"a", "b"}), "; known are: a, b");
  EXPECT_EQ(suggestion("a", {}), "; none is defined");
  const std::vector<std::string> many(21, "name");
  EXPECT_TRUE(suggestion("zzzzzz", many).ends_with(", …"));
}

}  // namespace
}  // namespace nine::configuration
