#include "ninelives/environment/real/real_environment.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <future>
#include <set>

#include "ninelives/environment/real/environment_variable.hpp"
#include "ninelives/environment/real/signal_events.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/environment/real/thread_worker.hpp"
#include "ninelives/environment/real/wakeful_loop.hpp"

namespace nine::environment {
namespace {

using boost::asio::awaitable;
using namespace boost::asio::experimental::awaitable_operators;

TEST(real_clock, sleeps_until_the_deadline_has_passed) {
  real_environment real;
  const auto deadline = real.clock().now() + 2ms;
  testing::run(real.context(), real.clock().sleep_until(deadline));
  EXPECT_GE(real.clock().now(), deadline);
}

TEST(real_clock, a_deadline_of_the_past_completes_and_one_of_the_far_future_is_cancelled) {
  real_environment real;
  const auto won =
      testing::run(real.context(), real.clock().sleep_until(monotonic_time::min()) ||
                                       real.clock().sleep_until(monotonic_time::max()));
  EXPECT_EQ(won.index(), 0u);
}

TEST(real_random, gives_values_that_differ_across_blocks_and_units_below_one) {
  real_random random;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i)
    seen.insert(random.next());
  EXPECT_EQ(seen.size(), 100u);
  for (int i = 0; i < 100; ++i)
    EXPECT_LT(random.next_unit(), 1.0);
}

awaitable<std::string> answer_of(worker& where) {
  const auto caller = ::gettid();
  auto work = [caller] { return std::string(::gettid() == caller ? "same" : "other") + " thread"; };
  co_return co_await run_on(where, work);
}

TEST(thread_worker, runs_work_on_its_own_thread_and_brings_the_result_back) {
  real_environment real;
  thread_worker worker;
  EXPECT_EQ(testing::run(real.context(), answer_of(worker)), "other thread");
}

TEST(thread_worker, keeps_the_order_and_finishes_what_is_queued_before_it_ends) {
  std::vector<int> order;
  {
    thread_worker worker;
    for (int i = 0; i < 10'000; ++i)
      worker.post([&order, i] { order.push_back(i); });
  }
  ASSERT_EQ(order.size(), 10'000u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

class the_wakeful_loop : public ::testing::TestWithParam<bool> {
 protected:
  real_environment real_;
  thread_worker worker_;
  wakeful_loop loop_{real_.context(), [] { return GetParam(); }};
};

TEST_P(the_wakeful_loop, brings_answers_of_a_worker_and_ends_when_nothing_is_left) {
  std::vector<std::string> answers;
  const auto ask = [&]() -> awaitable<void> {
    for (int i = 0; i < 100; ++i)
      answers.push_back(co_await answer_of(worker_));
  };
  boost::asio::co_spawn(real_.context(), ask, boost::asio::detached);
  loop_.run();
  EXPECT_EQ(answers.size(), 100u);
  EXPECT_FALSE(loop_.step());
}

TEST_P(the_wakeful_loop, hears_of_other_things_while_the_answer_does_not_come) {
  std::promise<void> slept;
  worker_.post([end = slept.get_future()] { end.wait(); });
  const auto sleep = [&]() -> awaitable<void> {
    co_await real_.clock().sleep_for(1ms);
    slept.set_value();
  };
  boost::asio::co_spawn(real_.context(), sleep, boost::asio::detached);
  loop_.run();
}

TEST_P(the_wakeful_loop, ends_when_it_is_stopped) {
  const auto stays = boost::asio::make_work_guard(real_.context());
  boost::asio::post(real_.context(), [&] { real_.context().stop(); });
  loop_.run();
  EXPECT_FALSE(loop_.step());
}

INSTANTIATE_TEST_SUITE_P(asleep_and_awake, the_wakeful_loop, ::testing::Bool());

TEST(signal_events, a_signal_is_received_instead_of_killing_the_process) {
  real_environment real;
  signal_events signals(real.executor(), {SIGUSR1, SIGUSR2});
  ::raise(SIGUSR2);
  EXPECT_EQ(testing::run(real.context(), signals.next()), SIGUSR2);
}

TEST(environment_variable, tells_missing_from_empty) {
  ::setenv("NINE_TEST_EMPTY", "", 1);
  ::unsetenv("NINE_TEST_MISSING");
  EXPECT_EQ(environment_variable("NINE_TEST_EMPTY"), "");
  EXPECT_EQ(environment_variable("NINE_TEST_MISSING"), std::nullopt);
}

}  // namespace
}  // namespace nine::environment
