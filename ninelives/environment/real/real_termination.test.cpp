#include "ninelives/environment/real/real_termination.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "ninelives/environment/real/testing.hpp"

namespace nine::environment {
namespace {

TEST(real_termination, completes_once_for_each_request_even_an_early_one) {
  boost::asio::io_context context;
  real_termination termination(context.get_executor());
  ASSERT_EQ(::raise(SIGTERM), 0);
  testing::run(context, termination.requested());
  boost::asio::post(context, [] { ::raise(SIGINT); });
  testing::run(context, termination.requested());
}

}  // namespace
}  // namespace nine::environment
