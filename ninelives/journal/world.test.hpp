#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "ninelives/environment/fake/manual_clock.hpp"
#include "ninelives/environment/fake/manual_worker.hpp"

/// What the tests of this module stand on: time and work that move only when the test says so.
namespace nine::journal::testing_world {

using environment::manual_clock;
using environment::manual_worker;

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
