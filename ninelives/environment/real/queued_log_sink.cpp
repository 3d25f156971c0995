#include "ninelives/environment/real/queued_log_sink.hpp"

#include <exception>
#include <utility>

namespace nine::environment {

queued_log_sink::queued_log_sink(log_sink& target, duration retry_pause)
    : target_(target), retry_pause_(retry_pause), thread_([this] { run(); }) {}

queued_log_sink::~queued_log_sink() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
}

bool queued_log_sink::write_line(std::string_view line) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (queued_bytes_ + line.size() > queued_bytes_most) return false;
    queue_.emplace_back(line);
    queued_bytes_ += line.size();
  } catch (const std::exception&) {
    return false;
  }
  changed_.notify_all();
  return true;
}

bool queued_log_sink::flush(duration patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return queue_.empty(); });
}

/// The first line stays in the queue until it is written, so that flush() knows.
void queued_log_sink::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const auto& first = queue_.front();  // a deque: it stays in place while others are added
    lock.unlock();
    const bool written = target_.write_line(first);
    lock.lock();
    if (!written && !ending_) {
      changed_.wait_for(lock, retry_pause_, [this] { return ending_; });
      continue;
    }
    queued_bytes_ -= first.size();
    queue_.pop_front();
    changed_.notify_all();
  }
}

}  // namespace nine::environment
