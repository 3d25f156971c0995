#include "ninelives/environment/real/queued_log_sink.hpp"

#include <sched.h>

#include <exception>
#include <utility>

namespace nine::environment {
namespace {

/// A thread that is woken by a line does not take the processor from whoever wrote it: that one has
/// an agent to restart. Where somebody chose another policy than the usual one, that stands.
void let_others_finish() {
  const sched_param usual{};
  if (::sched_getscheduler(0) == SCHED_OTHER) ::sched_setscheduler(0, SCHED_BATCH, &usual);
}

}  // namespace

queued_log_sink::queued_log_sink(log_sink& target, duration retry_pause, duration gathering_pause)
    : target_(target),
      retry_pause_(retry_pause),
      gathering_pause_(gathering_pause),
      thread_([this] { run(); }) {}

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
    if (!waits_for_lines_ && queued_bytes_ < batch_bytes_most) return true;
  } catch (const std::exception&) {
    return false;
  }
  changed_.notify_all();
  return true;
}

bool queued_log_sink::flush(duration patience) {
  std::unique_lock lock(mutex_);
  ++flushing_;
  changed_.notify_all();
  const bool written = changed_.wait_for(lock, patience, [this] { return queue_.empty(); });
  --flushing_;
  return written;
}

/// The first lines, as one, and how many they are: in a storm of them, to write each would cost
/// more than what it tells of.
std::pair<std::string, std::size_t> queued_log_sink::batch() const {
  std::string lines = queue_.front();
  std::size_t count = 1;
  for (; count < queue_.size() && lines.size() + queue_[count].size() < batch_bytes_most; ++count)
    lines.append(1, '\n').append(queue_[count]);
  return {std::move(lines), count};
}

/// Lines stay in the queue until they are written, so that flush() knows.
void queued_log_sink::run() {
  let_others_finish();
  std::unique_lock lock(mutex_);
  while (true) {
    waits_for_lines_ = true;
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    waits_for_lines_ = false;
    if (queue_.empty()) return;
    const auto [lines, count] = batch();
    lock.unlock();
    const bool written = target_.write_line(lines);
    lock.lock();
    if (!written && !ending_) {
      changed_.wait_for(lock, retry_pause_, [this] { return ending_; });
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      queued_bytes_ -= queue_.front().size();
      queue_.pop_front();
    }
    changed_.notify_all();
    changed_.wait_for(lock, gathering_pause_, [this] {
      return ending_ || flushing_ > 0 || queued_bytes_ >= batch_bytes_most;
    });
  }
}

}  // namespace nine::environment
