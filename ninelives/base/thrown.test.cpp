#include "ninelives/base/thrown.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace nine {
namespace {

TEST(thrown, what_was_thrown_is_told_in_one_line) {
  EXPECT_EQ(describe_thrown(std::make_exception_ptr(std::runtime_error("no\nroom"))), "no room");
  EXPECT_EQ(describe_thrown(std::make_exception_ptr(42)), "an exception of no known type");
}

}  // namespace
}  // namespace nine
