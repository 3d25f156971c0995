#include "ninelives/supervision/coroutine_scope.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <stdexcept>

#include "ninelives/environment/async_event.hpp"

namespace nine::supervision {
namespace {

namespace asio = boost::asio;

class scope_test : public testing::Test {
 protected:
  asio::awaitable<void> wait(bool& ended) {
    const auto at_end = std::shared_ptr<void>(nullptr, [&ended](void*) { ended = true; });
    co_await event_.wait();
  }
  asio::awaitable<void> cancel_then_wait(bool& ended) {
    scope_.cancel();
    co_await wait(ended);
  }
  asio::awaitable<void> fail() {
    co_await asio::post(context_, asio::use_awaitable);
    throw std::runtime_error("a defect");
  }

  asio::io_context context_;
  environment::async_event event_;
  coroutine_scope scope_{context_.get_executor()};
};

TEST_F(scope_test, ends_what_waits_when_it_is_cancelled_and_begins_nothing_afterwards) {
  bool ended = false;
  scope_.spawn(wait(ended));
  context_.poll();
  EXPECT_FALSE(ended);
  scope_.cancel();
  context_.restart();
  context_.poll();
  EXPECT_TRUE(ended);
  bool begun = false;
  scope_.spawn(wait(begun));
  context_.restart();
  context_.poll();
  EXPECT_FALSE(event_.has_waiters());
}

// A core that finds in its first steps that it is fenced cancels from within them.
TEST_F(scope_test, can_be_cancelled_by_a_coroutine_that_has_never_waited) {
  bool ended = false;
  scope_.spawn(cancel_then_wait(ended));
  EXPECT_NO_THROW(context_.poll());
  EXPECT_FALSE(event_.has_waiters());
}

TEST_F(scope_test, does_not_hide_a_defect) {
  scope_.spawn(fail());
  EXPECT_THROW(context_.poll(), std::runtime_error);
}

}  // namespace
}  // namespace nine::supervision
