#include "ninelives/journal/stores/memory/memory_store.hpp"

#include <algorithm>
#include <utility>

#include "ninelives/base/assert.hpp"
#include "ninelives/journal/admission.hpp"

namespace nine::journal::stores {

memory_store::memory_store(std::shared_ptr<memory_medium> medium) : medium_(std::move(medium)) {
  NINE_ASSERT(medium_);
}

result<core_epoch> memory_store::claim(core_epoch known) {
  medium_->unsynced_.clear();  // a claim is synced, and with it all before it
  medium_->claimed_ = std::max(medium_->claimed_, known).next();
  claimed_ = medium_->claimed_;
  return claimed_;
}

result<void> memory_store::check_claim() const {
  NINE_ASSERT(claimed_);
  if (claimed_ == medium_->claimed_) return {};
  return fail(error_code::fenced, "a newer core has taken over the journal");
}

record_outcome memory_store::add(const record& entry) {
  const auto head = medium_->heads_.find(entry.task);
  const task_head known = head == medium_->heads_.end() ? task_head{} : head->second;
  const bool seen = !entry.unique_key.empty() && medium_->keys_.contains(entry.unique_key);
  NINE_TRY(admit(entry, known, seen));
  const sequence number = medium_->last_.next();
  medium_->apply(entry, number);
  return number;
}

result<void> memory_store::commit(std::span<const record> records, durability how,
                                  std::vector<record_outcome>& outcomes) {
  outcomes.clear();
  NINE_TRY(check_claim());
  for (const record& entry : records)
    outcomes.push_back(add(entry));
  if (how == durability::synced) medium_->unsynced_.clear();
  return {};
}

result<sequence> memory_store::last_sequence() {
  return medium_->last_;
}

result<std::vector<fact>> memory_store::read_task(task_id task) {
  std::vector<fact> found;
  for (const auto& [number, one] : medium_->facts_) {
    if (one.task == task) found.push_back(one);
  }
  return found;
}

result<std::vector<fact>> memory_store::read_after(sequence after, std::size_t limit) {
  std::vector<fact> found;
  for (auto next = medium_->facts_.upper_bound(after);
       next != medium_->facts_.end() && found.size() < limit; ++next) {
    found.push_back(next->second);
  }
  return found;
}

result<task_id> memory_store::find_unique(std::string_view unique_key) {
  const auto found = medium_->keys_.find(unique_key);
  if (found == medium_->keys_.end()) {
    return fail(error_code::not_found, "no fact has this unique key");
  }
  return found->second.task;
}

result<std::vector<task_summary>> memory_store::tasks(task_id after, std::size_t limit) {
  std::vector<task_summary> found;
  for (auto next = medium_->heads_.upper_bound(after);
       next != medium_->heads_.end() && found.size() < limit; ++next) {
    const task_head& head = next->second;
    found.push_back({next->first, head.current, head.last, head.ended, head.ended_at});
  }
  return found;
}

result<expiry> memory_store::expire(std::span<const task_id> tasks, wall_time keys_before) {
  NINE_TRY(check_claim());
  medium_->unsynced_.clear();  // an expiry is synced
  expiry gone;
  for (const task_id task : tasks) {
    if (gone.facts >= expired_facts_most) break;
    const auto head = medium_->heads_.find(task);
    if (head == medium_->heads_.end() || !head->second.ended) continue;
    medium_->heads_.erase(head);
    gone.tasks.push_back(task);
    gone.facts += std::erase_if(medium_->facts_,
                                [&](const auto& entry) { return entry.second.task == task; });
  }
  gone.unique_keys = std::erase_if(medium_->keys_, [&](const auto& entry) {
    const auto& row = entry.second;
    return row.at < keys_before && !medium_->heads_.contains(row.task);
  });
  return gone;
}

result<void> memory_store::reopen() {
  return check_claim();
}

}  // namespace nine::journal::stores
