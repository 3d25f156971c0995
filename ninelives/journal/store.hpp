#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/journal/fact.hpp"

namespace nine::journal {

/// What became of one record of a transaction: the fact's number, or why it alone was refused
/// (fenced, already_exists, precondition_failed for a raise that does not raise).
using record_outcome = result<sequence>;

/// A task as the store's index knows it, so that boot need not read the facts of finished tasks.
struct task_summary {
  task_id task;
  epoch current;
  sequence last;
  bool ended = false;  ///< its last fact has the kind "task_ended"
};

/// Where facts live. One process writes, through one store object. All calls block and come from
/// one thread at a time. One contract suite (store_contract.hpp) runs against every implementation.
class store {
 public:
  virtual ~store() = default;

  /// Becomes the writer: raises and returns the home's core epoch; a store that claimed before is
  /// fenced.
  virtual result<core_epoch> claim() = 0;

  /// One transaction: all records that are not refused become facts, in order, numbered without
  /// gaps, synced if `durability` says so. An error means that the store has failed and must be
  /// reopened; whether the transaction took place is told by last_sequence() afterwards. Error
  /// `fenced`: a newer core has claimed.
  virtual result<std::vector<record_outcome>> commit(std::span<const record> records, wall_time at,
                                                     durability how) = 0;

  virtual result<sequence> last_sequence() = 0;
  virtual result<std::vector<fact>> read_task(task_id task) = 0;
  virtual result<std::vector<fact>> read_after(sequence after, std::size_t limit) = 0;

  /// The task whose record carried this unique key. Error: not_found.
  virtual result<task_id> find_unique(std::string_view unique_key) = 0;

  /// Tasks in order of id, after `after`.
  virtual result<std::vector<task_summary>> tasks(task_id after, std::size_t limit) = 0;

  /// Closes and opens again after a failure; the claim stays ours unless a newer core has claimed.
  virtual result<void> reopen() = 0;
};

}  // namespace nine::journal
