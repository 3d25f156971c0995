#include "ninelives/quality/validators.hpp"

#include <gtest/gtest.h>

namespace nine::quality {
namespace {

using configuration::validation;

constexpr auto diff =
    "diff --git a/parser.cpp b/parser.cpp\n-  return value;\n+  return value + offset;\n+  // keep "
    "the offset\n";

struct expectation {
  validation rule;
  std::string result;
  bool passed;
};

// proves: Q1
TEST(validators, judge_results_by_table) {
  const validation non_empty{validation::kind::non_empty, 0};
  const validation short_line{validation::kind::first_line_max, 10};
  const validation own_words{validation::kind::not_copy_of_input, 0.85};
  const expectation table[] = {
      {non_empty, "text", true},
      {non_empty, "", false},
      {non_empty, " \n\t", false},
      {short_line, "0123456789\nand a longer second line", true},
      {short_line, "0123456789a", false},
      {short_line, "äöüäöüäöüä", true},
      {short_line, "", true},
      {own_words, "Keep the offset when parsing", true},
      {own_words, diff, false},
      {own_words, std::string(diff) + "my words", false},
      {own_words, "return value;", false},
      {own_words, "", true},
  };
  for (const auto& row : table) {
    const auto found = validate(row.rule, row.result, diff);
    EXPECT_EQ(found.passed, row.passed)
        << name_of(row.rule) << " on: " << row.result << ": " << found.evidence;
    EXPECT_FALSE(found.evidence.empty());
  }
}

TEST(validators, say_what_is_wrong_so_that_it_can_be_mended) {
  const auto found = validate({validation::kind::first_line_max, 5}, "too long a line", "");
  EXPECT_EQ(found.evidence, "the first line has 15 characters; at most 5 are allowed");
}

}  // namespace
}  // namespace nine::quality
