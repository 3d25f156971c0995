#include "ninelives/environment/real/thread_worker.hpp"

#include "ninelives/base/assert.hpp"

namespace nine::environment {

thread_worker::thread_worker() : thread_([this] { run(); }) {}

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
  }
  changed_.notify_all();
}

void thread_worker::run() {
  while (true) {
    std::move_only_function<void()> work;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    changed_.notify_all();
    work();
  }
}

}  // namespace nine::environment
