#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/journal/fact.hpp"
#include "ninelives/journal/journal_limits.hpp"
#include "ninelives/journal/store.hpp"

namespace nine::journal {

/// Told what became of a record once that is durable. It must not call the queue.
using settle = std::move_only_function<void(const record_outcome&)>;

/// Records that travel in one transaction.
struct batch {
  std::vector<record> records;
  std::vector<settle> waiting;  ///< one per record; an empty one: nobody waits
  durability how = durability::lazy;
  std::uint64_t last_position = 0;       ///< place in the queue of its last record
  bytes size = 0;                        ///< of all records
  std::vector<record_outcome> outcomes;  ///< filled by the store
  sequence end;                          ///< the store's last sequence once it has taken place
};

/// The decisions of group commit, without any input or output: what goes into the next transaction,
/// what is durable, and what to write again after the store has failed. At most one transaction is
/// under way. Every record ends in one of: durable, refused, failed with the queue's last error.
class commit_queue {
 public:
  commit_queue(sequence last_in_store, journal_limits limits);

  /// Its place in the queue, from 1. Errors: too_large, resource_exhausted.
  result<std::uint64_t> push(record entry, durability how, settle when_durable);

  /// Makes the next transaction a synced one, an empty one if need be.
  void request_sync() { sync_wanted_ = true; }

  /// The next transaction, which is under way from now on; null when there is nothing to do. It
  /// stays valid, and belongs to the store alone, until one of the calls below.
  std::shared_ptr<batch> begin();

  /// The transaction under way has succeeded.
  void succeeded();

  /// The store had failed during the transaction under way, or between two, and is open again with
  /// `last` as its last sequence. What did not take place is queued again, in order. Error:
  /// corrupted, when no history of ours ends there.
  result<void> reopened(sequence last);

  /// Ends everything with this error.
  void fail(const error& why);

  sequence last_durable() const { return last_durable_; }
  std::uint64_t last_position() const { return last_position_; }
  std::uint64_t committed_position() const { return committed_position_; }
  std::uint64_t durable_position() const { return durable_position_; }
  bool has_work() const { return !retry_.empty() || !queue_.empty() || sync_due(); }
  bool has_unsynced() const { return !unsynced_.empty(); }
  std::size_t size() const { return records_; }
  std::uint64_t refused() const { return refused_; }

 private:
  struct queued {
    record what;
    durability how;
    settle when_durable;
  };

  bool sync_due() const { return sync_wanted_ && !unsynced_.empty(); }
  std::shared_ptr<batch> collect();
  void everything_is_durable();
  void settle_batch(batch& durable);
  void keep_unsynced(std::shared_ptr<batch> done);
  static sequence end_of(const batch& one, sequence before);

  const journal_limits limits_;
  std::deque<queued> queue_;
  std::deque<std::shared_ptr<batch>> retry_;  ///< to be written again, before queue_
  std::shared_ptr<batch> under_way_;
  std::deque<std::shared_ptr<batch>> unsynced_;  ///< in the store, but not known to be durable
  std::size_t records_ = 0;                      ///< in all of the above
  bytes bytes_ = 0;
  bool sync_wanted_ = false;

  sequence last_committed_;
  sequence last_durable_;
  std::uint64_t last_position_ = 0;
  std::uint64_t committed_position_ = 0;
  std::uint64_t durable_position_ = 0;
  std::uint64_t refused_ = 0;
};

/// What a record takes up in queue and batch.
bytes size_of(const record& one);

}  // namespace nine::journal
