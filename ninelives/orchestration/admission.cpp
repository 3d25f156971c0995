#include "ninelives/orchestration/admission.hpp"

#include <algorithm>

namespace nine::orchestration {

bool admission::request(task_id task) {
  if (working_.contains(task)) return true;
  const bool queued = std::ranges::find(queue_, task) != queue_.end();
  if (!queued && queue_.empty() && working_.size() < limit_) {
    working_.insert(task);
    return true;
  }
  if (!queued) queue_.push_back(task);
  return false;
}

void admission::grant(task_id task) {
  std::erase(queue_, task);
  working_.insert(task);
}

std::optional<task_id> admission::release(task_id task) {
  std::erase(queue_, task);
  working_.erase(task);
  if (queue_.empty() || working_.size() >= limit_) return {};
  const auto next = queue_.front();
  queue_.pop_front();
  working_.insert(next);
  return next;
}

}  // namespace nine::orchestration
