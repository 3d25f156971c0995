#include "ninelives/journal/stores/faulty/faulty_store.hpp"

#include <utility>

#include "ninelives/base/assert.hpp"

namespace nine::journal::stores {

fault_plan fail_operation(std::uint64_t n, store_fault how) {
  return [n, how](std::uint64_t operation) { return operation == n ? how : store_fault::none; };
}

faulty_store::faulty_store(std::unique_ptr<store> inner, fault_plan plan)
    : inner_(std::move(inner)), plan_(std::move(plan)) {
  NINE_ASSERT(inner_ && plan_);
}

result<void> faulty_store::check_open() const {
  if (!failed_) return {};
  return fail(error_code::unavailable, "the store has failed and is not open again");
}

std::unexpected<error> faulty_store::break_down(const char* how) {
  failed_ = true;
  return fail(error_code::io_error, std::string("injected fault: ") + how);
}

result<void> faulty_store::commit(std::span<const record> records, durability how,
                                  std::vector<record_outcome>& outcomes) {
  outcomes.clear();
  NINE_TRY(check_open());
  const store_fault fault = next_fault();
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

result<sequence> faulty_store::last_sequence() {
  NINE_TRY(check_open());
  return inner_->last_sequence();
}

result<std::vector<fact>> faulty_store::read_task(task_id task) {
  NINE_TRY(check_open());
  return inner_->read_task(task);
}

result<std::vector<fact>> faulty_store::read_after(sequence after, std::size_t limit) {
  NINE_TRY(check_open());
  return inner_->read_after(after, limit);
}

result<task_id> faulty_store::find_unique(std::string_view unique_key) {
  NINE_TRY(check_open());
  return inner_->find_unique(unique_key);
}

result<std::vector<task_summary>> faulty_store::tasks(task_id after, std::size_t limit) {
  NINE_TRY(check_open());
  return inner_->tasks(after, limit);
}

result<expiry> faulty_store::expire(std::span<const task_id> tasks, wall_time keys_before) {
  NINE_TRY(check_open());
  const store_fault fault = next_fault();
  if (fault != store_fault::none && fault != store_fault::after) return break_down("expiry");
  auto gone = inner_->expire(tasks, keys_before);
  if (fault == store_fault::after) return break_down("after expiry");
  return gone;
}

result<void> faulty_store::maintain() {
  NINE_TRY(check_open());
  if (next_fault() != store_fault::none) return break_down("maintenance");
  return inner_->maintain();
}

result<void> faulty_store::reopen() {
  failed_ = true;
  const store_fault fault = next_fault();
  if (fault != store_fault::none) return break_down("reopening");
  NINE_TRY(inner_->reopen());
  failed_ = false;
  return {};
}

}  // namespace nine::journal::stores
