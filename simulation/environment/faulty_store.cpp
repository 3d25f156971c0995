#include "simulation/environment/faulty_store.hpp"

namespace nine::simulation {

result<void> faulty_store::check(double share) {
  if (random_.chance(share)) failed_ = true;
  if (failed_) return fail(error_code::io_error, "store: Input/output error");
  return {};
}

result<core_epoch> faulty_store::claim(core_epoch known) {
  NINE_TRY(check(faults_.reopen_error));
  return inner_->claim(known);
}

result<void> faulty_store::commit(std::span<const journal::record> records, journal::durability how,
                                  std::vector<journal::record_outcome>& outcomes) {
  outcomes.clear();
  NINE_TRY(check(faults_.commit_lost));
  if (!random_.chance(faults_.commit_kept)) return inner_->commit(records, how, outcomes);
  NINE_TRY(inner_->commit(records, journal::durability::lazy, outcomes));
  return check(1);
}

result<sequence> faulty_store::last_sequence() {
  NINE_TRY(check(0));
  return inner_->last_sequence();
}

result<std::vector<journal::fact>> faulty_store::read_task(task_id task) {
  NINE_TRY(check(faults_.read_error));
  return inner_->read_task(task);
}

result<std::vector<journal::fact>> faulty_store::read_after(sequence after, std::size_t limit) {
  NINE_TRY(check(faults_.read_error));
  return inner_->read_after(after, limit);
}

result<task_id> faulty_store::find_unique(std::string_view unique_key) {
  NINE_TRY(check(faults_.read_error));
  return inner_->find_unique(unique_key);
}

result<std::vector<journal::task_summary>> faulty_store::tasks(task_id after, std::size_t limit) {
  NINE_TRY(check(faults_.read_error));
  return inner_->tasks(after, limit);
}

result<journal::expiry> faulty_store::expire(std::span<const task_id> tasks,
                                             wall_time keys_before) {
  NINE_TRY(check(faults_.read_error));
  return inner_->expire(tasks, keys_before);
}

result<void> faulty_store::reopen() {
  failed_ = false;
  NINE_TRY(check(faults_.reopen_error));
  NINE_TRY(inner_->reopen());
  // As SQLite's: what it shows to readers from now on is durable. No acknowledgement hangs on that,
  // so no ledger notices a store without this sync: what had taken place when the store failed
  // stays among the unsynced (commit_queue::reopened) until a commit with a sync of its own.
  std::vector<journal::record_outcome> none;
  auto synced = inner_->commit({}, journal::durability::synced, none);
  if (!synced) failed_ = true;
  if (synced && reopened_) reopened_();
  return synced;
}

}  // namespace nine::simulation
