#include "ninelives/journal/stores/memory/memory_medium.hpp"

namespace nine::journal::stores {

void memory_medium::apply(const record& entry, sequence number) {
  const auto head = heads_.find(entry.task);
  const bool known = head != heads_.end();
  unsynced_.push_back(
      {number, entry.task, known ? std::optional(head->second) : std::nullopt, entry.unique_key});
  heads_[entry.task] = advance(known ? head->second : task_head{}, entry, number);
  if (!entry.unique_key.empty()) keys_[entry.unique_key] = {entry.task, entry.at};
  facts_.emplace(number, fact{.number = number,
                              .task = entry.task,
                              .writer = entry.writer,
                              .at = entry.at,
                              .kind = entry.kind,
                              .body = entry.body});
  last_ = number;
}

void memory_medium::lose_unsynced() {
  for (; !unsynced_.empty(); unsynced_.pop_back()) {
    const undo& newest = unsynced_.back();
    facts_.erase(newest.number);
    if (!newest.key.empty()) keys_.erase(newest.key);
    if (newest.head_before) {
      heads_[newest.task] = *newest.head_before;
    } else {
      heads_.erase(newest.task);
    }
    last_ = sequence(newest.number.value() - 1);
  }
}

}  // namespace nine::journal::stores
