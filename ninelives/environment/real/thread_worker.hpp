#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

#include "ninelives/base/time.hpp"
#include "ninelives/environment/worker.hpp"

namespace nine::environment {

/// One thread that runs work in the order given. The queue is bounded: post() waits while
/// `queued_most` pieces are waiting, so a caller that outruns the disk is slowed down, not the
/// memory filled. The destructor runs what is queued and joins; destroy it before the executors its
/// results go to.
class thread_worker final : public worker {
 public:
  /// `stay_awake`: how long the thread looks for the next piece after one before it sleeps. To wake
  /// a sleeping thread takes longer than many a piece of work; whoever gives it pieces in a row,
  /// each after the answer to the one before, wins that time and pays with as much of a processor.
  explicit thread_worker(duration stay_awake = {});
  ~thread_worker() override;

  /// Not to be called from work that runs on this worker: it would wait for itself.
  void post(std::move_only_function<void()> work) override;

  static constexpr std::size_t queued_most = 4096;

 private:
  void run();
  void wait_awake() const;
  /// Empty: the end.
  std::move_only_function<void()> next();

  const duration stay_awake_;
  std::atomic<std::size_t> waiting_ = 0;  ///< the size of the queue, to be seen without the lock
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::move_only_function<void()>> queue_;
  bool ending_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace nine::environment
