#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ninelives/journal/admission.hpp"
#include "ninelives/journal/store.hpp"
#include "ninelives/journal/stores/sqlite/connection.hpp"

namespace nine::journal::stores::sqlite {

/// What a transaction makes of a task's head.
struct head_change {
  task_head head;
  bool more_than_last = false;  ///< than its row holds: the row must change with it
};
using head_changes = std::unordered_map<task_id, head_change>;

/// So that `entry` becomes fact `number` of the task with this head.
void advance(head_changes& changed, const task_head& head, const record& entry, sequence number);

/// The heads of the tasks of an open journal: their rows, and what is newer than those.
///
/// A commit that touches one page less is faster by some tenths. So where only a task's last fact
/// has changed, its row waits until newest_facts have come together: that many are read at each
/// opening anyway, and tell what the rows do not. Every task has a row since its first fact.
class head_rows {
 public:
  /// Read back at each opening, and the most by which rows may be behind: one number for both.
  static constexpr std::int64_t newest_facts = 256;

  static result<head_rows> open(connection& database);

  /// Takes nothing for known but the rows; then take_in() is to be called with each of the newest
  /// facts, in order.
  result<void> begin();
  result<void> take_in(const fact& one);

  /// As it is after `changed`; an empty one when the task has no fact.
  result<task_head> of(task_id task, const head_changes& changed);

  /// In order of id, after `after`.
  result<std::vector<task_summary>> list(task_id after, std::size_t limit);

  /// In the transaction that makes `last` the journal's newest fact.
  result<void> put(const head_changes& changed, sequence last);
  /// After it.
  void keep(const head_changes& changed, sequence last);

  /// In a transaction; and after it.
  result<void> remove(task_id task);
  void forget(task_id task);

 private:
  result<void> put_all(const head_changes& changed, sequence last);
  result<void> put_one(task_id task, const task_head& head);
  bool too_far_behind(sequence last) const;

  statement find_;
  statement list_;
  statement put_;
  statement remove_;
  statement up_to_;
  statement put_up_to_;

  /// Of the tasks used last, and of all that are behind: as they are, not as their rows say.
  std::unordered_map<task_id, task_head> known_;
  std::unordered_set<task_id> behind_;  ///< tasks whose row still names an earlier fact as the last
  sequence rows_up_to_;                 ///< facts up to this one are in the rows of their tasks
};

}  // namespace nine::journal::stores::sqlite
