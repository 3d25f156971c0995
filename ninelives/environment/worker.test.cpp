#include "ninelives/environment/worker.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

namespace nine::environment {
namespace {

namespace asio = boost::asio;

/// Keeps the one piece of work it is given, even when that has run.
class keeping_worker final : public worker {
 public:
  void post(std::move_only_function<void()> work) override { kept_ = std::move(work); }
  void run() { kept_(); }

 private:
  std::move_only_function<void()> kept_;
};

/// Like what the journal gives to its worker: it owns something that belongs to the executor.
struct work_that_owns {
  std::shared_ptr<int> owned;
  int operator()() const { return *owned; }
};

asio::awaitable<void> run_and_keep(worker& where, work_that_owns work, int& answer) {
  answer = co_await run_on(where, std::move(work));
}

class work_elsewhere : public testing::Test {
 protected:
  void start() {
    auto owned = std::make_shared<int>(7);
    seen_ = owned;
    asio::co_spawn(context_, run_and_keep(worker_, {std::move(owned)}, answer_), asio::detached);
    context_.poll();
  }

  keeping_worker worker_;
  asio::io_context context_;
  std::weak_ptr<int> seen_;
  int answer_ = 0;
};

TEST_F(work_elsewhere, gives_its_result_to_the_caller_on_the_callers_executor) {
  start();
  worker_.run();
  EXPECT_EQ(answer_, 0) << "not on the worker";
  context_.restart();
  context_.poll();
  EXPECT_EQ(answer_, 7);
}

// A thread that still held it would destroy it beside the executor's own thread.
TEST_F(work_elsewhere, leaves_nothing_it_owned_with_the_worker_once_it_is_done) {
  start();
  worker_.run();
  EXPECT_FALSE(seen_.expired()) << "not on the worker";
  context_.restart();
  context_.poll();
  EXPECT_EQ(answer_, 7);
  EXPECT_TRUE(seen_.expired()) << "although the worker has the emptied work still";
}

}  // namespace
}  // namespace nine::environment
