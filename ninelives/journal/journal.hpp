#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/worker.hpp"
#include "ninelives/journal/fact.hpp"
#include "ninelives/journal/journal_limits.hpp"
#include "ninelives/journal/store.hpp"

namespace nine::journal {

enum class journal_health {
  working,
  failed,  ///< the store has not worked since it failed and is reopened; nothing acknowledged is
           ///< lost
  closed,  ///< for good: a newer core has taken over, or the store is damaged
};

/// For people and for health checks.
struct journal_status {
  journal_health health = journal_health::working;
  std::optional<error> last_error;  ///< why it is, or last was, failed or closed
  std::size_t queued = 0;           ///< records that are not yet durable
  sequence last_durable;
  std::uint64_t transactions = 0;
  std::uint64_t refused = 0;  ///< records the store refused, those that nobody waited for included
  std::uint64_t reopenings = 0;
};

/// The one way into the store: collects what arrives while the last transaction is being synced and
/// writes it as the next one (leader-style group commit, no fixed delay). Order of calls is order
/// of sequence numbers.
///
/// When the store fails (disk full, I/O error, failed sync) nothing that was acknowledged is lost
/// and nothing queued is forgotten: the store is closed and reopened with backoff, what it holds
/// tells whether the last transaction took place, and the queue goes on from there. Meanwhile calls
/// wait, and health is failed until the store has taken what was queued. A store that was taken
/// over by a newer core answers `fenced`: then every call fails with it, for good. A store that is
/// found damaged while something is written is of no use to anybody until a person has acted: then
/// every call fails with `unavailable`, and status tells of the damage as `corrupted`.
///
/// Thread: that of its executor, which runs one handler at a time. The worker runs all store calls,
/// one after the other. Clock and worker must outlive the executor's last handler. Cancelling a
/// call ends the waiting, not the writing. Destroying the journal ends all calls with `cancelled`;
/// what was queued and not acknowledged may or may not be written.
class journal {
 public:
  /// How long a worker of its own does well to stay awake after each piece: a step that is durable
  /// is mostly followed by the next within this.
  static constexpr duration next_commit_within = 50us;
  /// A fast disk has taken a transaction by then.
  static constexpr duration commit_done_within = 200us;

  /// `opened` has been claimed.
  journal(boost::asio::any_io_executor executor, environment::clock& clock,
          environment::worker& worker, std::unique_ptr<store> opened, journal_limits limits = {});
  ~journal();
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  /// Completes when the record is durable. Errors: fenced, already_exists, precondition_failed (see
  /// record); too_large, resource_exhausted (queue full): it was not and will not be written.
  boost::asio::awaitable<result<sequence>> append(record entry);

  /// Queues without waiting; for facts that must not delay what follows from them. A later append()
  /// that succeeded proves this one durable too. Errors as far as they are known at once.
  result<void> enqueue(record entry, durability how = durability::synced);

  /// Completes when all that was queued before is durable.
  boost::asio::awaitable<result<void>> flush();

  /// All facts of a task in order, those queued before the call included.
  boost::asio::awaitable<result<std::vector<fact>>> read_task(task_id task);
  /// The same for several tasks, in the order asked for; much faster than one by one. A task whose
  /// facts are damaged has the error corrupted in its place.
  boost::asio::awaitable<result<std::vector<result<std::vector<fact>>>>> read_tasks(
      std::vector<task_id> tasks);

  /// Up to `limit` durable facts after `after`, in order.
  boost::asio::awaitable<result<std::vector<fact>>> read_after(sequence after, std::size_t limit);

  /// Completes when durable facts beyond `after` exist: for those who follow the journal.
  boost::asio::awaitable<result<void>> wait_beyond(sequence after);

  /// See store. They see what was queued before the call.
  boost::asio::awaitable<result<task_id>> find_unique(std::string unique_key);
  boost::asio::awaitable<result<std::vector<task_summary>>> tasks(task_id after, std::size_t limit);
  boost::asio::awaitable<result<expiry>> expire(std::vector<task_id> tasks, wall_time keys_before);

  /// Whether an append() or flush() waits for a transaction that began less than commit_done_within
  /// ago: its thread does well to stay awake, for an agent may wait for the answer.
  bool is_about_to_answer() const;

  /// Completes when health is another than `known`. Who looks late misses what came and went.
  boost::asio::awaitable<journal_status> health_beyond(journal_health known);

  sequence last_durable() const;
  journal_health health() const;
  journal_status status() const;

 private:
  class implementation;
  std::shared_ptr<implementation> implementation_;
};

}  // namespace nine::journal
