#include "ninelives/journal/commit_queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ninelives/base/assert.hpp"

namespace nine::journal {
namespace {

constexpr bytes record_overhead = 128;  // the object itself and its row

result<void> check_size(const record& one, const journal_limits& limits) {
  const auto check = [](std::string_view what, std::size_t size, bytes limit) -> result<void> {
    if (size <= limit) return {};
    return fail(error_code::too_large,
                fmt::format("{} of {} bytes, at most {} are allowed", what, size, limit));
  };
  NINE_TRY(check("kind of a fact", one.kind.size(), limits.kind_bytes));
  NINE_TRY(check("unique key", one.unique_key.size(), limits.unique_key_bytes));
  return check("body of a fact", one.body.size(), limits.body_bytes);
}

/// Of a bound of the queue: all of it for the core's own facts, three quarters for the others.
bytes share(bytes bound, bool can_come_again) {
  return can_come_again ? bound - bound / 4 : bound;
}

}  // namespace

bytes size_of(const record& one) {
  return record_overhead + one.kind.size() + one.body.size() + one.unique_key.size();
}

commit_queue::commit_queue(sequence last_in_store, journal_limits limits)
    : limits_(limits), last_committed_(last_in_store), last_durable_(last_in_store) {}

result<std::uint64_t> commit_queue::push(record entry, durability how, settle when_durable) {
  NINE_TRY(check_size(entry, limits_));
  const bytes size = size_of(entry);
  // Agents, and whoever waits for an answer, can be told to come again; the core has nowhere to put
  // what it has seen.
  const bool can_come_again = entry.writer || when_durable;
  const bytes records_most = share(limits_.queue_records, can_come_again);
  const bytes bytes_most = share(limits_.queue_bytes, can_come_again);
  if (records_ >= records_most || bytes_ + size > bytes_most) {
    return nine::fail(
        error_code::resource_exhausted,
        fmt::format("the journal's queue is full ({} records, {} bytes)", records_, bytes_));
  }
  ++records_;
  bytes_ += size;
  queue_.push_back({std::move(entry), how, std::move(when_durable)});
  return ++last_position_;
}

std::shared_ptr<batch> commit_queue::begin() {
  NINE_ASSERT(!under_way_);
  if (!retry_.empty()) {
    under_way_ = std::move(retry_.front());
    retry_.pop_front();
  } else {
    if (queue_.empty() && !sync_due()) return nullptr;
    under_way_ = collect();
  }
  under_way_->outcomes.clear();
  return under_way_;
}

std::shared_ptr<batch> commit_queue::collect() {
  auto next = std::make_shared<batch>();
  // Not more than half of the bound may wait for a sync, else a stream of lazy records fills it.
  if (sync_wanted_ || records_ - queue_.size() > limits_.queue_records / 2) {
    next->how = durability::synced;
  }
  while (!queue_.empty() && next->records.size() < limits_.batch_records) {
    queued& front = queue_.front();
    const bytes size = size_of(front.what);
    if (!next->records.empty() && next->size + size > limits_.batch_bytes) break;
    if (front.how == durability::synced) next->how = durability::synced;
    next->size += size;
    next->records.push_back(std::move(front.what));
    next->waiting.push_back(std::move(front.when_durable));
    queue_.pop_front();
  }
  next->last_position = last_position_ - queue_.size();
  return next;
}

sequence commit_queue::end_of(const batch& one, sequence before) {
  const auto accepted = std::ranges::count_if(
      one.outcomes, [](const record_outcome& outcome) { return outcome.has_value(); });
  return sequence(before.value() + accepted);
}

void commit_queue::succeeded() {
  NINE_ASSERT(under_way_ && under_way_->outcomes.size() == under_way_->records.size());
  const durability how = under_way_->how;
  keep_unsynced(std::exchange(under_way_, nullptr));
  if (how == durability::synced) everything_is_durable();
}

void commit_queue::keep_unsynced(std::shared_ptr<batch> done) {
  done->end = end_of(*done, last_committed_);
  last_committed_ = done->end;
  committed_position_ = done->last_position;
  unsynced_.push_back(std::move(done));
}

void commit_queue::everything_is_durable() {
  for (const auto& one : unsynced_)
    settle_batch(*one);
  unsynced_.clear();
  sync_wanted_ = false;
  last_durable_ = last_committed_;
  durable_position_ = committed_position_;
}

void commit_queue::settle_batch(batch& durable) {
  records_ -= durable.records.size();
  bytes_ -= durable.size;
  for (std::size_t i = 0; i < durable.records.size(); ++i) {
    if (!durable.outcomes[i]) ++refused_;
    if (durable.waiting[i]) durable.waiting[i](durable.outcomes[i]);
  }
}

result<void> commit_queue::reopened(sequence last) {
  if (under_way_) {
    batch& open = *under_way_;
    const bool known = open.outcomes.size() == open.records.size();
    const sequence end = known ? end_of(open, last_committed_) : last_committed_;
    if (end > last_committed_ && last == end) {
      keep_unsynced(std::exchange(under_way_, nullptr));
    } else {
      retry_.push_front(std::exchange(under_way_, nullptr));
    }
  }
  // Lazy transactions that the crash of a disk cache took: only whole ones, only the last ones.
  while (!unsynced_.empty() && unsynced_.back()->end > last) {
    retry_.push_front(std::move(unsynced_.back()));
    unsynced_.pop_back();
  }
  const bool none = unsynced_.empty();
  last_committed_ = none ? last_durable_ : unsynced_.back()->end;
  committed_position_ = none ? durable_position_ : unsynced_.back()->last_position;
  if (last != last_committed_) {
    return nine::fail(error_code::corrupted,
                      fmt::format("the store ends at fact {} after reopening; expected {}",
                                  last.value(), last_committed_.value()));
  }
  sync_wanted_ = true;  // what took place may have been seen, but nobody knows that it is durable
  return {};
}

void commit_queue::fail(const error& why) {
  const record_outcome outcome = std::unexpected(why);
  const auto end = [&](const std::shared_ptr<batch>& one) {
    for (settle& waiting : one->waiting) {
      if (waiting) waiting(outcome);
    }
  };
  for (const auto& one : unsynced_)
    end(one);
  if (under_way_) end(under_way_);
  for (const auto& one : retry_)
    end(one);
  for (queued& one : queue_) {
    if (one.when_durable) one.when_durable(outcome);
  }
  unsynced_.clear();
  under_way_.reset();
  retry_.clear();
  queue_.clear();
  records_ = 0;
  bytes_ = 0;
}

}  // namespace nine::journal
