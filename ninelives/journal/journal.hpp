#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/worker.hpp"
#include "ninelives/journal/fact.hpp"
#include "ninelives/journal/store.hpp"

namespace nine::journal {

struct journal_limits {
  std::size_t queue_records =
      65'536;  ///< beyond it append() and enqueue() refuse with resource_exhausted
  std::size_t batch_records = 4'096;  ///< most records in one transaction
  std::size_t body_bytes =
      1 << 20;  ///< larger bodies are refused with too_large: they belong into a blob
  duration reopen_first{100ms};  ///< wait before the first reopening of a failed store
  duration reopen_most{5s};
};

enum class journal_health { working, failed };

/// The one way into the store: collects what arrives while the last transaction is being synced and
/// writes it as the next one (leader-style group commit, no fixed delay). Order of calls is order
/// of sequence numbers.
///
/// When the store fails (disk full, I/O error, failed sync) nothing that was acknowledged is lost
/// and nothing queued is forgotten: the store is closed and reopened with backoff, what it holds
/// tells whether the last transaction took place, and the queue goes on from there. Meanwhile
/// health() is failed and calls wait. A store that was taken over by a newer core answers `fenced`:
/// then every call fails with it, for good.
///
/// Thread: that of its executor. The worker runs all store calls, one after the other.
class journal {
 public:
  journal(boost::asio::any_io_executor executor, environment::clock& clock,
          environment::worker& worker, std::unique_ptr<store> opened, journal_limits limits = {});
  ~journal();
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  /// Completes when the record is durable. Errors: fenced, already_exists, too_large,
  /// resource_exhausted (queue full: it was not and will not be written).
  boost::asio::awaitable<result<sequence>> append(record entry);

  /// Queues without waiting; for facts that must not delay what follows from them. A later append()
  /// that succeeded proves this one durable too. Errors as far as they are known at once.
  result<void> enqueue(record entry, durability how = durability::synced);

  /// Completes when all that was queued before is durable.
  boost::asio::awaitable<result<void>> flush();

  /// All facts of a task in order.
  boost::asio::awaitable<result<std::vector<fact>>> read_task(task_id task);

  /// Up to `limit` durable facts after `after`, in order.
  boost::asio::awaitable<result<std::vector<fact>>> read_after(sequence after, std::size_t limit);

  /// Completes when durable facts beyond `after` exist: for those who follow the journal.
  boost::asio::awaitable<void> wait_beyond(sequence after);

  sequence last_durable() const;
  journal_health health() const;

 private:
  class implementation;
  std::shared_ptr<implementation> implementation_;
};

}  // namespace nine::journal
