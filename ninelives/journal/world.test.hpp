#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/worker.hpp"

/// What the tests of this module stand on: time and work that move only when the test says so.
namespace nine::journal::testing_world {

class manual_clock final : public environment::clock {
 public:
  monotonic_time now() const override { return now_; }
  wall_time wall_now() const override { return wall_time(now_.time_since_epoch()) + 1'000s; }

  boost::asio::awaitable<void> sleep_until(monotonic_time deadline) override {
    while (now_ < deadline)
      co_await moved_.wait();
  }

  void advance(duration by) {
    now_ += by;
    moved_.notify_all();
  }
  bool has_sleepers() const { return moved_.has_waiters(); }

 private:
  monotonic_time now_{};
  environment::async_event moved_;
};

class manual_worker final : public environment::worker {
 public:
  void post(std::move_only_function<void()> work) override { jobs_.push_back(std::move(work)); }

  bool run_one() {
    if (jobs_.empty()) return false;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    return true;
  }
  std::size_t waiting() const { return jobs_.size(); }

 private:
  std::deque<std::move_only_function<void()>> jobs_;
};

/// One executor, one clock, one worker.
class world {
 public:
  /// Runs handlers until none is ready; no work, no time.
  void poll() {
    context.restart();
    context.poll();
  }
  /// Runs handlers and work until neither is left.
  void settle() {
    do
      poll();
    while (worker.run_one());
  }

  /// Starts a call; its answer appears in what is returned.
  template <class Answer>
  std::shared_ptr<std::optional<Answer>> start(boost::asio::awaitable<Answer> call) {
    auto answer = std::make_shared<std::optional<Answer>>();
    boost::asio::co_spawn(context, store(std::move(call), answer), boost::asio::detached);
    return answer;
  }
  /// Runs a call to its end. The test fails by bad_optional_access when it does not end.
  template <class Answer>
  Answer finish(boost::asio::awaitable<Answer> call) {
    auto answer = start(std::move(call));
    settle();
    return answer->value();
  }

  boost::asio::io_context context;  // first: what waits in clock and worker ends on it
  manual_clock clock;
  manual_worker worker;

 private:
  template <class Answer>
  static boost::asio::awaitable<void> store(boost::asio::awaitable<Answer> call,
                                            std::shared_ptr<std::optional<Answer>> answer) {
    Answer got = co_await std::move(call);
    answer->emplace(std::move(got));
  }
};

}  // namespace nine::journal::testing_world
