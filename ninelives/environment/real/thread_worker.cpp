#include "ninelives/environment/real/thread_worker.hpp"

#include <chrono>

#include "ninelives/base/assert.hpp"

namespace nine::environment {

thread_worker::thread_worker(duration stay_awake)
    : stay_awake_(stay_awake), thread_([this] { run(); }) {}

thread_worker::~thread_worker() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
}

void thread_worker::post(std::move_only_function<void()> work) {
  {
    std::unique_lock lock(mutex_);
    NINE_ASSERT(!ending_);
    NINE_ASSERT(std::this_thread::get_id() != thread_.get_id());
    changed_.wait(lock, [this] { return queue_.size() < queued_most; });
    queue_.push_back(std::move(work));
    waiting_ = queue_.size();
  }
  changed_.notify_all();
}

void thread_worker::run() {
  while (auto work = next()) {
    work();
    wait_awake();
  }
}

/// Yields all the time: whoever else has work to do has the processor.
void thread_worker::wait_awake() const {
  const auto until = std::chrono::steady_clock::now() + stay_awake_;
  while (waiting_ == 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
}

std::move_only_function<void()> thread_worker::next() {
  std::move_only_function<void()> work;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return {};
    work = std::move(queue_.front());
    queue_.pop_front();
    waiting_ = queue_.size();
  }
  changed_.notify_all();
  return work;
}

}  // namespace nine::environment
