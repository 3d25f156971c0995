#include "ninelives/journal/stores/sqlite/head_rows.hpp"

#include <utility>

namespace nine::journal::stores::sqlite {
namespace {

constexpr std::size_t known_most = 65'536;

task_head read(const statement& row) {
  return {.current = epoch(row.integer(0)),
          .last = sequence(row.integer(1)),
          .ended = row.integer(2) != 0,
          .ended_at = wall_time(duration(row.integer(3)))};
}

bool same_but_for_last(task_head one, const task_head& other) {
  one.last = other.last;
  return one == other;
}

}  // namespace

void advance(head_changes& changed, const task_head& head, const record& entry, sequence number) {
  head_change& change = changed[entry.task];
  change.head = journal::advance(head, entry, number);
  change.more_than_last |= !head.last || !same_but_for_last(head, change.head);
}

result<head_rows> head_rows::open(connection& database) {
  head_rows made;
  const auto prepare = [&](statement& target, const char* sql) -> result<void> {
    NINE_TRY_ASSIGN(target, database.prepare(sql));
    return {};
  };
  NINE_TRY(prepare(made.find_,
                   "SELECT epoch, last, ended, ended_at FROM task_heads "
                   "WHERE task = ?1"));
  NINE_TRY(prepare(made.list_,
                   "SELECT epoch, last, ended, ended_at, task FROM task_heads "
                   "WHERE task > ?1 ORDER BY task LIMIT ?2"));
  NINE_TRY(prepare(made.put_,
                   "REPLACE INTO task_heads(task, epoch, last, ended, ended_at) "
                   "VALUES (?1, ?2, ?3, ?4, ?5)"));
  NINE_TRY(prepare(made.remove_, "DELETE FROM task_heads WHERE task = ?1"));
  NINE_TRY(prepare(made.up_to_, "SELECT heads_up_to FROM home"));
  NINE_TRY(prepare(made.put_up_to_, "UPDATE home SET heads_up_to = ?1"));
  return made;
}

result<void> head_rows::begin() {
  known_.clear();
  behind_.clear();
  NINE_TRY_ASSIGN(const bool row, up_to_.step());
  rows_up_to_ = sequence(row ? up_to_.integer(0) : 0);
  up_to_.reset();
  return {};
}

result<void> head_rows::take_in(const fact& one) {
  if (one.number <= rows_up_to_) return {};
  NINE_TRY_ASSIGN(auto head, of(one.task, {}));
  if (!head.last) return {};  // expired
  head.last = one.number;
  known_[one.task] = head;
  behind_.insert(one.task);
  return {};
}

result<task_head> head_rows::of(task_id task, const head_changes& changed) {
  if (const auto found = changed.find(task); found != changed.end()) return found->second.head;
  if (const auto found = known_.find(task); found != known_.end()) return found->second;
  NINE_TRY_ASSIGN(const bool row, find_.bind(1, task.value()).step());
  if (!row) return task_head{};
  const auto head = read(find_);
  find_.reset();
  return head;
}

result<std::vector<task_summary>> head_rows::list(task_id after, std::size_t limit) {
  list_.bind(1, after.value()).bind(2, static_cast<std::int64_t>(limit));
  std::vector<task_summary> found;
  for (;;) {
    NINE_TRY_ASSIGN(const bool row, list_.step());
    if (!row) return found;
    const task_id task(list_.integer(4));
    const auto known = known_.find(task);
    const auto head = known != known_.end() ? known->second : read(list_);
    found.push_back({.task = task,
                     .current = head.current,
                     .last = head.last,
                     .ended = head.ended,
                     .ended_at = head.ended_at});
  }
}

bool head_rows::too_far_behind(sequence last) const {
  return last.value() - rows_up_to_.value() >= newest_facts;
}

result<void> head_rows::put(const head_changes& changed, sequence last) {
  if (too_far_behind(last)) return put_all(changed, last);
  for (const auto& [task, change] : changed)
    if (change.more_than_last) NINE_TRY(put_one(task, change.head));
  return {};
}

result<void> head_rows::put_all(const head_changes& changed, sequence last) {
  for (const auto& [task, change] : changed)
    NINE_TRY(put_one(task, change.head));
  for (const task_id task : behind_)
    if (!changed.contains(task)) NINE_TRY(put_one(task, known_.at(task)));
  return put_up_to_.bind(1, last.value()).run();
}

result<void> head_rows::put_one(task_id task, const task_head& head) {
  return put_.bind(1, task.value())
      .bind(2, head.current.value())
      .bind(3, head.last.value())
      .bind(4, head.ended ? 1 : 0)
      .bind(5, static_cast<std::int64_t>(head.ended_at.time_since_epoch().count()))
      .run();
}

void head_rows::keep(const head_changes& changed, sequence last) {
  for (const auto& [task, change] : changed) {
    known_[task] = change.head;
    if (change.more_than_last)
      behind_.erase(task);
    else
      behind_.insert(task);
  }
  if (!too_far_behind(last)) return;
  rows_up_to_ = last;
  behind_.clear();
  if (known_.size() > known_most) known_.clear();
}

result<void> head_rows::remove(task_id task) {
  return remove_.bind(1, task.value()).run();
}

void head_rows::forget(task_id task) {
  behind_.erase(task);
  known_.erase(task);
}

}  // namespace nine::journal::stores::sqlite
