#include "ninelives/environment/async_event.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <memory>
#include <vector>

namespace nine::environment {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

struct log_of_waits {
  std::vector<int> woken;
  std::vector<int> aborted;
};

asio::awaitable<void> wait_and_tell(async_event& event, log_of_waits& log, int who) {
  bool aborted = false;
  try {
    co_await event.wait();
  } catch (const boost::system::system_error& failure) {
    aborted = failure.code() == asio::error::operation_aborted;
  }
  (aborted ? log.aborted : log.woken).push_back(who);
}

class an_async_event : public testing::Test {
 protected:
  void start(int who) {
    asio::co_spawn(context_, wait_and_tell(*event_, log_, who), asio::detached);
  }
  void settle() {
    context_.restart();
    context_.poll();
  }

  asio::io_context context_;
  std::unique_ptr<async_event> event_ = std::make_unique<async_event>();
  log_of_waits log_;
};

TEST_F(an_async_event, wakes_all_that_wait_in_order_and_later_ones_not) {
  for (int who : {1, 2, 3})
    start(who);
  settle();
  EXPECT_TRUE(log_.woken.empty());
  event_->notify_all();
  EXPECT_TRUE(log_.woken.empty()) << "nobody runs inside notify_all()";
  start(4);
  settle();
  EXPECT_EQ(log_.woken, (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(event_->has_waiters());
}

TEST_F(an_async_event, remembers_nothing) {
  event_->notify_all();
  start(1);
  settle();
  EXPECT_TRUE(log_.woken.empty());
}

TEST_F(an_async_event, ends_waits_when_it_is_destroyed) {
  start(1);
  settle();
  event_.reset();
  settle();
  EXPECT_EQ(log_.aborted, std::vector<int>{1});
}

asio::awaitable<void> first_of_two(async_event& one, async_event& other, bool& done) {
  co_await (one.wait() || other.wait());
  done = true;
}

TEST_F(an_async_event, forgets_a_wait_that_was_cancelled) {
  async_event other;
  bool done = false;
  asio::co_spawn(context_, first_of_two(*event_, other, done), asio::detached);
  settle();
  other.notify_all();
  settle();
  EXPECT_TRUE(done);
  EXPECT_FALSE(event_->has_waiters());
}

TEST(async_event, may_outlive_nothing_and_go_down_with_its_context) {
  log_of_waits log;
  auto event = std::make_unique<async_event>();
  {
    asio::io_context context;
    asio::co_spawn(context, wait_and_tell(*event, log, 1), asio::detached);
    context.poll();
    event.reset();
  }
  EXPECT_TRUE(log.aborted.empty()) << "the context was destroyed before it could run the end";
}

struct owner_of_event {
  async_event event;
};

asio::awaitable<void> wait_in_what_it_keeps(std::shared_ptr<owner_of_event> mine) {
  co_await mine->event.wait();
}

TEST(async_event, frees_a_coroutine_that_keeps_the_event_alive_when_the_context_goes_down) {
  std::weak_ptr<owner_of_event> seen;
  {
    asio::io_context context;
    auto owner = std::make_shared<owner_of_event>();
    seen = owner;
    asio::co_spawn(context, wait_in_what_it_keeps(std::move(owner)), asio::detached);
    context.poll();
    EXPECT_FALSE(seen.expired());
  }
  EXPECT_TRUE(seen.expired());
}

}  // namespace
}  // namespace nine::environment
