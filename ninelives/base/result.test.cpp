#include "ninelives/base/result.hpp"

#include <gtest/gtest.h>

namespace nine {
namespace {

result<int> half(int value) {
  if (value % 2 != 0) return fail(error_code::invalid_argument, "odd");
  return value / 2;
}

result<int> quarter(int value) {
  NINE_TRY_ASSIGN(const int once, half(value));
  NINE_TRY_ASSIGN(const int twice, half(once));
  return twice;
}

TEST(result, a_value_passes_through_try) {
  EXPECT_EQ(quarter(12), 3);
}

TEST(result, an_error_leaves_the_function_unchanged) {
  const auto outcome = quarter(6);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), (error{error_code::invalid_argument, "odd"}));
}

TEST(result, context_is_put_in_front_of_the_cause) {
  const auto outcome =
      result<int>(with_context("open journal", error{error_code::io_error, "disk full"}));
  EXPECT_EQ(outcome.error().message, "open journal: disk full");
  EXPECT_EQ(outcome.error().code, error_code::io_error);
}

}  // namespace
}  // namespace nine
