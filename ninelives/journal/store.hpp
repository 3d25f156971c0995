#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
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
  bool ended = false;    ///< see kind_task_ended
  wall_time ended_at{};  ///< of the fact that ended it

  bool operator==(const task_summary&) const = default;
};

/// What an expiry took away.
struct expiry {
  std::vector<task_id> tasks{};
  std::size_t facts = 0;
  std::size_t unique_keys = 0;

  bool operator==(const expiry&) const = default;
};

/// So many facts, and those of one more task, an expiry takes away at most: no step is recorded
/// meanwhile.
inline constexpr std::size_t expired_facts_most = 10'000;

/// Where facts live. One process writes, through one store object. All calls block and come from
/// one thread at a time. One contract suite (store_contract.hpp) runs against every implementation.
///
/// An error of any call but the refusals named below means that the store has failed: until
/// reopen() succeeds every call answers with an error. Error `fenced`: a newer core has claimed,
/// this store object writes nothing ever again.
class store {
 public:
  virtual ~store() = default;

  /// Becomes the writer: raises the home's core epoch above what it was, and above `known`, the
  /// highest that others know of (this journal may be younger than they are), and returns it,
  /// synced; a store that claimed before is fenced. To be called once, before anything else that
  /// writes.
  virtual result<core_epoch> claim(core_epoch known = {}) = 0;

  /// One transaction: all records that are not refused become facts, in order, numbered without
  /// gaps. With `synced` they, and all that lazy transactions left unsynced before, survive power
  /// loss; this holds for an empty transaction too.
  ///
  /// `outcomes` becomes one outcome per record before the transaction is made final, so that the
  /// caller knows them even when the call fails: the transaction has taken place when
  /// last_sequence(), after reopen(), counts the facts that `outcomes` announced. When it has fewer
  /// outcomes than records it has not.
  virtual result<void> commit(std::span<const record> records, durability how,
                              std::vector<record_outcome>& outcomes) = 0;

  virtual result<sequence> last_sequence() = 0;

  /// Error: corrupted, when a fact is not what was written.
  virtual result<std::vector<fact>> read_task(task_id task) = 0;
  /// A fact that is not what was written takes its place as a damaged one.
  virtual result<std::vector<fact>> read_after(sequence after, std::size_t limit) = 0;

  /// The task whose record carried this unique key. Refusal: not_found.
  virtual result<task_id> find_unique(std::string_view unique_key) = 0;

  /// Tasks in order of id, after `after`.
  virtual result<std::vector<task_summary>> tasks(task_id after, std::size_t limit) = 0;

  /// Removes, in one transaction, those of `tasks` that have ended with all that belongs to them,
  /// as many of them, from the first on, as expired_facts_most allows, but one at least; and the
  /// unique keys recorded before `keys_before` unless their task is still there.
  virtual result<expiry> expire(std::span<const task_id> tasks, wall_time keys_before) = 0;

  /// True when maintain() has something to do that should not wait for ever.
  virtual bool maintenance_due() const { return false; }

  /// Work that commits need not wait for, such as writing the log back; called when nothing else is
  /// to be done.
  virtual result<void> maintain() { return {}; }

  /// Closes and opens again after a failure; the claim stays ours unless a newer core has claimed.
  virtual result<void> reopen() = 0;
};

}  // namespace nine::journal
