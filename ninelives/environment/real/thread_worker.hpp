#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

#include "ninelives/environment/worker.hpp"

namespace nine::environment {

/// One thread that runs work in the order given. The queue is bounded: post() waits while
/// `queued_most` pieces are waiting, so a caller that outruns the disk is slowed down, not the
/// memory filled. The destructor runs what is queued and joins; destroy it before the executors its
/// results go to.
class thread_worker final : public worker {
 public:
  thread_worker();
  ~thread_worker() override;

  /// Not to be called from work that runs on this worker: it would wait for itself.
  void post(std::move_only_function<void()> work) override;

  static constexpr std::size_t queued_most = 4096;

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::move_only_function<void()>> queue_;
  bool ending_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace nine::environment
