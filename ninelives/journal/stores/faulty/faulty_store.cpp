#include "ninelives/journal/stores/faulty/faulty_store.hpp"

#include <utility>

#include "ninelives/base/assert.hpp"

namespace nine::journal::stores {
namespace {

std::string_view name_of(store_operation what) {
  switch (what) {
    case store_operation::claim:
      return "claiming";
    case store_operation::commit:
      return "the transaction";
    case store_operation::read:
      return "reading";
    case store_operation::expire:
      return "expiry";
    case store_operation::maintain:
      return "maintenance";
    case store_operation::reopen:
      break;
  }
  return "reopening";
}

}  // namespace

fault_plan fail_commit(std::uint64_t n, store_fault how) {
  return [n, how, commits = std::uint64_t{0}](store_operation what) mutable {
    const bool this_one = what == store_operation::commit && ++commits == n;
    return this_one ? how : store_fault::none;
  };
}

faulty_store::faulty_store(std::unique_ptr<store> inner, fault_plan plan,
                           std::function<void()> reopened)
    : inner_(std::move(inner)), plan_(std::move(plan)), reopened_(std::move(reopened)) {
  NINE_ASSERT(inner_ && plan_);
}

result<void> faulty_store::check_open() const {
  if (!failed_) return {};
  return fail(error_code::unavailable, "the store has failed and is not open again");
}

std::unexpected<error> faulty_store::break_down(std::string_view when) {
  failed_ = true;
  return fail(error_code::io_error, "injected fault: " + std::string(when));
}

result<void> faulty_store::meet_fault(store_operation what) {
  NINE_TRY(check_open());
  if (plan_(what) != store_fault::none) return break_down(name_of(what));
  return {};
}

result<core_epoch> faulty_store::claim(core_epoch known) {
  NINE_TRY(meet_fault(store_operation::claim));
  return inner_->claim(known);
}

result<void> faulty_store::commit(std::span<const record> records, durability how,
                                  std::vector<record_outcome>& outcomes) {
  outcomes.clear();
  NINE_TRY(check_open());
  const store_fault fault = plan_(store_operation::commit);
  if (fault == store_fault::before) return break_down("before the transaction");
  if (fault == store_fault::fenced) {
    failed_ = true;
    return fail(error_code::fenced, "injected fault: a newer core has taken over");
  }
  NINE_TRY(
      inner_->commit(records, fault == store_fault::unsynced ? durability::lazy : how, outcomes));
  if (fault == store_fault::unsynced) return break_down("the sync");
  if (fault == store_fault::after) return break_down("after the transaction");
  return {};
}

/// A store that is open knows it without asking its disk.
result<sequence> faulty_store::last_sequence() {
  NINE_TRY(check_open());
  return inner_->last_sequence();
}

result<std::vector<fact>> faulty_store::read_task(task_id task) {
  NINE_TRY(meet_fault(store_operation::read));
  return inner_->read_task(task);
}

result<std::vector<fact>> faulty_store::read_after(sequence after, std::size_t limit) {
  NINE_TRY(meet_fault(store_operation::read));
  return inner_->read_after(after, limit);
}

result<task_id> faulty_store::find_unique(std::string_view unique_key) {
  NINE_TRY(meet_fault(store_operation::read));
  return inner_->find_unique(unique_key);
}

result<std::vector<task_summary>> faulty_store::tasks(task_id after, std::size_t limit) {
  NINE_TRY(meet_fault(store_operation::read));
  return inner_->tasks(after, limit);
}

result<expiry> faulty_store::expire(std::span<const task_id> tasks, wall_time keys_before) {
  NINE_TRY(check_open());
  const store_fault fault = plan_(store_operation::expire);
  if (fault != store_fault::none && fault != store_fault::after) return break_down("expiry");
  auto gone = inner_->expire(tasks, keys_before);
  if (fault == store_fault::after) return break_down("after expiry");
  return gone;
}

result<void> faulty_store::maintain() {
  NINE_TRY(meet_fault(store_operation::maintain));
  return inner_->maintain();
}

result<void> faulty_store::reopen() {
  failed_ = true;
  if (plan_(store_operation::reopen) != store_fault::none) return break_down("reopening");
  NINE_TRY(inner_->reopen());
  // As SQLite's: what it shows to readers from now on is durable. No acknowledgement hangs on that,
  // so no ledger notices a store without this sync: what had taken place when the store failed
  // stays among the unsynced (commit_queue::reopened) until a commit with a sync of its own.
  std::vector<record_outcome> none;
  NINE_TRY(inner_->commit({}, durability::synced, none));
  failed_ = false;
  if (reopened_) reopened_();
  return {};
}

}  // namespace nine::journal::stores
