#pragma once

#include <deque>
#include <optional>
#include <set>

#include "ninelives/base/ids.hpp"

namespace nine::orchestration {

/// Who may work now (S13): at most `limit` tasks hold a place, the others wait in order. Pure.
class admission {
 public:
  explicit admission(std::size_t limit) : limit_(limit) {}

  /// Takes a place, or joins the queue once. True when the task holds a place.
  bool request(task_id task);

  /// A task that is at work already (taken over from an earlier core) holds a place beyond any
  /// limit.
  void grant(task_id task);

  /// Gives the place back, or leaves the queue. The task that gets the place now, if any.
  std::optional<task_id> release(task_id task);

  std::size_t working() const { return working_.size(); }
  std::size_t waiting() const { return queue_.size(); }
  std::size_t limit() const { return limit_; }

 private:
  std::size_t limit_;
  std::set<task_id> working_;
  std::deque<task_id> queue_;
};

}  // namespace nine::orchestration
