#pragma once

#include <cstddef>
#include <vector>

#include "ninelives/base/time.hpp"
#include "ninelives/journal/store.hpp"

namespace nine::orchestration {

struct expiry_policy {
  duration after = 30 * 24h;   ///< since a task ended
  std::size_t count = 10'000;  ///< of ended tasks, beyond which the oldest go
  /// Nothing goes sooner: somebody waited for the result and is about to read it.
  duration kept_at_least = 10s;
  std::size_t at_once = 100;  ///< bounds the transaction
};

/// Decides which tasks expire (D5), shown all of them in any order. Only what has ended goes, the
/// longest ended first, and never the newest task of all: its number shows the next core which
/// numbers are used. Pure; its memory is bounded by `at_once`.
class expiry_plan {
 public:
  expiry_plan(expiry_policy policy, wall_time now) : policy_(policy), now_(now) {}

  void see(const journal::task_summary& task);

  /// What goes now.
  std::vector<task_id> tasks() const;

  /// Whether another look soon is worth it: more are due than `tasks()`, or too young by a moment.
  bool more_soon() const;

 private:
  expiry_policy policy_;
  wall_time now_;
  task_id newest_;
  std::size_t ended_ = 0;
  std::vector<journal::task_summary> oldest_;  ///< a heap, the youngest of them first
};

}  // namespace nine::orchestration
