#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/journal/admission.hpp"
#include "ninelives/journal/fact.hpp"

namespace nine::journal::stores {

/// The disk of memory stores: outlives them as a disk outlives processes. It knows what has been
/// synced, and can lose the rest. Thread: one at a time.
class memory_medium {
 public:
  /// A power cut: what was not synced is gone.
  void lose_unsynced();

  sequence last_sequence() const { return last_; }
  std::size_t unsynced() const { return unsynced_.size(); }

 private:
  friend class memory_store;

  struct key_row {
    task_id task;
    wall_time at{};
  };

  /// How to take back a fact that was not synced.
  struct undo {
    sequence number;
    task_id task;
    std::optional<task_head> head_before;
    std::string key;
  };

  void apply(const record& entry, sequence number);

  std::map<sequence, fact> facts_;
  std::map<task_id, task_head> heads_;
  std::map<std::string, key_row, std::less<>> keys_;
  std::vector<undo> unsynced_;  ///< oldest first
  sequence last_;
  core_epoch claimed_;
};

}  // namespace nine::journal::stores
