#include "ninelives/environment/deadline.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "ninelives/environment/async_event.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;

/// Stands still until it is moved.
class still_clock final : public clock {
 public:
  monotonic_time now() const override { return now_; }
  wall_time wall_now() const override { return {}; }
  asio::awaitable<void> sleep_until(monotonic_time deadline) override {
    while (now_ < deadline)
      co_await moved_.wait();
  }
  void advance(duration by) {
    now_ += by;
    moved_.notify_all();
  }

 private:
  monotonic_time now_{};
  async_event moved_;
};

asio::awaitable<result<int>> seven_after(async_event& event) {
  co_await event.wait();
  co_return 7;
}

class until_test : public testing::Test {
 protected:
  until_test() {
    auto bounded = until(clock_, clock_.now() + 10s, seven_after(event_), "too late");
    asio::co_spawn(context_, std::move(bounded),
                   asio::bind_cancellation_slot(
                       cancelling_.slot(), [this](std::exception_ptr thrown, result<int> value) {
                         if (thrown) return keep(thrown);
                         outcome_ = std::move(value);
                       }));
    settle();
  }
  void settle() {
    context_.restart();
    context_.poll();
  }
  void keep(const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& problem) {
      thrown_ = problem.code();
    }
  }

  asio::io_context context_;
  still_clock clock_;
  async_event event_;
  asio::cancellation_signal cancelling_;
  std::optional<result<int>> outcome_;
  std::optional<boost::system::error_code> thrown_;
};

TEST_F(until_test, what_ends_in_time_gives_its_outcome) {
  EXPECT_FALSE(outcome_);
  event_.notify_all();
  settle();
  EXPECT_EQ(outcome_, result<int>(7));
}

TEST_F(until_test, what_is_late_is_cancelled_and_timed_out) {
  clock_.advance(11s);
  settle();
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->error(), (error{error_code::timed_out, "too late"}));
  EXPECT_FALSE(event_.has_waiters());
}

TEST_F(until_test, cancelled_from_outside_it_ends_as_a_cancelled_operation_does) {
  cancelling_.emit(asio::cancellation_type::all);
  settle();
  EXPECT_FALSE(outcome_);
  EXPECT_EQ(thrown_, asio::error::operation_aborted);
  EXPECT_FALSE(event_.has_waiters());
}

TEST(after, never_is_later_than_any_wait) {
  EXPECT_EQ(after(monotonic_time(5s), 2s), monotonic_time(7s));
  EXPECT_EQ(after(monotonic_time(5s), duration::max()), monotonic_time::max());
}

}  // namespace
}  // namespace nine::environment
