#include "ninelives/orchestration/expiry.hpp"

#include <algorithm>
#include <tuple>

namespace nine::orchestration {
namespace {

bool ended_before(const journal::task_summary& one, const journal::task_summary& other) {
  return std::tie(one.ended_at, one.task) < std::tie(other.ended_at, other.task);
}

}  // namespace

void expiry_plan::see(const journal::task_summary& task) {
  newest_ = std::max(newest_, task.task);
  if (!task.ended) return;
  ++ended_;
  oldest_.push_back(task);
  std::ranges::push_heap(oldest_, ended_before);
  // One more than go at once, for the newest task may be among them.
  if (oldest_.size() <= policy_.at_once + 1) return;
  std::ranges::pop_heap(oldest_, ended_before);
  oldest_.pop_back();
}

std::vector<task_id> expiry_plan::tasks() const {
  auto candidates = oldest_;
  std::erase_if(candidates, [this](const auto& task) { return task.task == newest_; });
  std::ranges::sort(candidates, ended_before);
  const auto beyond_count = ended_ > policy_.count ? ended_ - policy_.count : 0;
  std::vector<task_id> going;
  for (const auto& task : candidates) {
    const bool due = going.size() < beyond_count || now_ - task.ended_at >= policy_.after;
    const bool young = now_ - task.ended_at < policy_.kept_at_least;
    if (!due || young || going.size() == policy_.at_once) break;
    going.push_back(task.task);
  }
  return going;
}

bool expiry_plan::more_soon() const {
  const auto going = tasks().size();
  return going == policy_.at_once || ended_ > policy_.count + going;
}

}  // namespace nine::orchestration
