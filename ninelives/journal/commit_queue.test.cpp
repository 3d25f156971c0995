#include "ninelives/journal/commit_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <map>
#include <string>

namespace nine::journal {
namespace {

record about(int task, std::string body = "{}") {
  return {.task = task_id(task), .kind = "happened", .body = std::move(body)};
}

/// Plays the store: `accepted[i]` says whether record i becomes a fact.
void decide(batch& open, sequence& last, const std::vector<bool>& accepted = {}) {
  for (std::size_t i = 0; i < open.records.size(); ++i) {
    if (i < accepted.size() && !accepted[i]) {
      open.outcomes.push_back(fail(error_code::already_exists, "seen"));
    } else {
      last = last.next();
      open.outcomes.push_back(last);
    }
  }
}

class a_commit_queue : public testing::Test {
 protected:
  /// Queues a synced record that somebody waits for under this name.
  void append(const std::string& name) {
    const auto position = queue_.push(about(1, name), durability::synced,
                                      [this, name](const record_outcome& outcome) {
                                        EXPECT_FALSE(told_.contains(name)) << "told twice";
                                        told_.emplace(name, outcome);
                                      });
    ASSERT_TRUE(position);
  }
  void lazy(const std::string& name) {
    ASSERT_TRUE(queue_.push(about(1, name), durability::lazy, {}));
  }
  std::shared_ptr<batch> commit(const std::vector<bool>& accepted = {}) {
    auto open = queue_.begin();
    decide(*open, last_, accepted);
    queue_.succeeded();
    return open;
  }
  static std::string bodies(const batch& one) {
    std::string all;
    for (const record& entry : one.records)
      all += entry.body;
    return all;
  }

  journal_limits limits_{.batch_records = 3, .body_bytes = 100};
  commit_queue queue_{sequence(0), limits_};
  sequence last_;
  std::map<std::string, record_outcome> told_;
};

TEST_F(a_commit_queue, has_nothing_to_do_at_first) {
  EXPECT_FALSE(queue_.has_work());
  EXPECT_EQ(queue_.begin(), nullptr);
}

TEST_F(a_commit_queue, puts_what_waits_into_one_transaction_up_to_its_bound) {
  for (const char* name : {"a", "b", "c", "d"})
    append(name);
  EXPECT_EQ(bodies(*commit()), "abc");
  EXPECT_EQ(told_.at("c"), sequence(3));
  EXPECT_FALSE(told_.contains("d"));
  EXPECT_EQ(bodies(*commit()), "d");
  EXPECT_EQ(queue_.last_durable(), sequence(4));
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_F(a_commit_queue, tells_nobody_before_the_transaction_is_done) {
  append("a");
  auto open = queue_.begin();
  decide(*open, last_);
  EXPECT_TRUE(told_.empty());
  EXPECT_EQ(queue_.last_durable(), sequence(0));
}

TEST_F(a_commit_queue, syncs_a_transaction_only_when_somebody_needs_it) {
  lazy("x");
  EXPECT_EQ(commit()->how, durability::lazy);
  EXPECT_EQ(queue_.last_durable(), sequence(0)) << "written is not durable";
  EXPECT_EQ(queue_.committed_position(), 1u);
  lazy("y");
  append("a");
  EXPECT_EQ(commit()->how, durability::synced);
  EXPECT_EQ(queue_.last_durable(), sequence(3));
  EXPECT_EQ(queue_.durable_position(), 3u);
}

TEST_F(a_commit_queue, syncs_lazy_records_with_an_empty_transaction_on_request) {
  lazy("x");
  commit();
  EXPECT_FALSE(queue_.has_work());
  queue_.request_sync();
  EXPECT_TRUE(queue_.has_work());
  const auto open = commit();
  EXPECT_TRUE(open->records.empty());
  EXPECT_EQ(open->how, durability::synced);
  EXPECT_EQ(queue_.last_durable(), sequence(1));
  EXPECT_FALSE(queue_.has_work());
}

TEST_F(a_commit_queue, tells_a_refusal_to_the_one_who_asked) {
  append("a");
  append("b");
  commit({false, true});
  EXPECT_EQ(told_.at("a").error().code, error_code::already_exists);
  EXPECT_EQ(told_.at("b"), sequence(1));
  EXPECT_EQ(queue_.refused(), 1u);
}

TEST_F(a_commit_queue, writes_a_transaction_again_that_did_not_take_place) {
  append("a");
  append("b");
  auto open = queue_.begin();
  decide(*open, last_);
  ASSERT_TRUE(queue_.reopened(sequence(0)));
  append("c");
  last_ = sequence(0);
  EXPECT_EQ(bodies(*commit()), "ab") << "the same transaction, before what came later";
  EXPECT_EQ(told_.at("b"), sequence(2));
}

TEST_F(a_commit_queue, does_not_write_a_transaction_again_that_took_place) {
  append("a");
  append("b");
  auto open = queue_.begin();
  decide(*open, last_, {true, false});
  ASSERT_TRUE(queue_.reopened(sequence(1)));
  EXPECT_TRUE(told_.empty()) << "it may not be durable";
  EXPECT_TRUE(commit()->records.empty()) << "a sync, nothing else";
  EXPECT_EQ(told_.at("a"), sequence(1));
  EXPECT_EQ(told_.at("b").error().code, error_code::already_exists);
}

TEST_F(a_commit_queue, writes_a_transaction_again_when_its_outcomes_are_unknown) {
  append("a");
  queue_.begin();
  ASSERT_TRUE(queue_.reopened(sequence(0)));
  EXPECT_EQ(bodies(*commit()), "a");
}

TEST_F(a_commit_queue, writes_lost_lazy_transactions_again_in_order) {
  for (const char* name : {"x", "y", "z"}) {
    lazy(name);
    commit();
  }
  append("a");
  auto open = queue_.begin();
  decide(*open, last_);
  ASSERT_TRUE(queue_.reopened(sequence(1)));
  last_ = sequence(1);
  EXPECT_EQ(bodies(*commit()), "y");
  EXPECT_EQ(bodies(*commit()), "z");
  EXPECT_EQ(bodies(*commit()), "a");
  EXPECT_EQ(told_.at("a"), sequence(4));
  EXPECT_EQ(queue_.last_durable(), sequence(4));
}

TEST_F(a_commit_queue, notices_a_store_that_lost_what_was_acknowledged) {
  append("a");
  commit();
  const auto resumed = queue_.reopened(sequence(0));
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().code, error_code::corrupted);
}

TEST_F(a_commit_queue, notices_a_store_that_holds_what_was_never_written) {
  append("a");
  queue_.begin();
  const auto resumed = queue_.reopened(sequence(2));
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().code, error_code::corrupted);
}

TEST_F(a_commit_queue, refuses_what_is_too_large_for_good) {
  const auto refused = queue_.push(about(1, std::string(101, 'x')), durability::synced, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::too_large);
  EXPECT_FALSE(queue_.has_work());
}

TEST(commit_queue, is_bounded_in_records) {
  commit_queue queue(sequence(0), {.queue_records = 2});
  EXPECT_TRUE(queue.push(about(1), durability::synced, {}));
  EXPECT_TRUE(queue.push(about(1), durability::synced, {}));
  const auto refused = queue.push(about(1), durability::synced, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::resource_exhausted);
}

// proves: X4
TEST(commit_queue, keeps_room_for_what_the_core_has_seen) {
  commit_queue queue(sequence(0), {.queue_records = 4});
  const auto offer = [&](epoch writer, bool waits) {
    auto entry = about(1);
    entry.writer = writer;
    settle when_durable;
    if (waits) when_durable = [](const record_outcome&) {};
    return queue.push(std::move(entry), durability::synced, std::move(when_durable)).has_value();
  };
  for (int agents = 0; agents < 3; ++agents)
    EXPECT_TRUE(offer(epoch(1), false));
  EXPECT_FALSE(offer(epoch(1), false)) << "agents fill three quarters";
  EXPECT_FALSE(offer({}, true)) << "so does whoever waits for the answer";
  EXPECT_TRUE(offer({}, false)) << "the core has the rest";
  EXPECT_FALSE(offer({}, false));
}

TEST(commit_queue, is_bounded_in_bytes_and_so_are_its_transactions) {
  commit_queue queue(sequence(0), {.queue_bytes = 3'000, .batch_bytes = 1'500});
  const std::string body(1'000, 'x');
  EXPECT_TRUE(queue.push(about(1, body), durability::synced, {}));
  EXPECT_TRUE(queue.push(about(1, body), durability::synced, {}));
  EXPECT_FALSE(queue.push(about(1, body), durability::synced, {}));
  EXPECT_EQ(queue.begin()->records.size(), 1u);
}

TEST(commit_queue, syncs_by_itself_before_unsynced_records_fill_it) {
  commit_queue queue(sequence(0), {.queue_records = 4, .batch_records = 1});
  sequence last;
  std::vector<durability> seen;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(queue.push(about(1), durability::lazy, {})) << i;
    auto open = queue.begin();
    decide(*open, last);
    seen.push_back(open->how);
    queue.succeeded();
  }
  EXPECT_TRUE(std::ranges::count(seen, durability::synced) > 0);
  EXPECT_TRUE(std::ranges::count(seen, durability::lazy) > 10);
}

TEST_F(a_commit_queue, ends_all_with_one_error) {
  append("a");
  commit();
  append("b");
  queue_.begin();
  append("c");
  queue_.fail({error_code::fenced, "over"});
  EXPECT_EQ(told_.at("b").error().code, error_code::fenced);
  EXPECT_EQ(told_.at("c").error().code, error_code::fenced);
  EXPECT_EQ(told_.at("a"), sequence(1));
}

}  // namespace
}  // namespace nine::journal
