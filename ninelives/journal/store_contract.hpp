#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ninelives/journal/store.hpp"

/// What every store must do. A store's own test instantiates it:
///
///   INSTANTIATE_TEST_SUITE_P(memory, store_contract, testing::Values(make_memory_place));
namespace nine::journal {

/// A place where a journal is kept; every open() stands for a process that opens it.
class store_place {
 public:
  virtual ~store_place() = default;
  virtual std::unique_ptr<store> open() = 0;
  /// While no store is open: what was not synced is gone. False: this place has no such thing.
  virtual bool lose_power() { return false; }
};

class store_contract
    : public testing::TestWithParam<std::function<std::unique_ptr<store_place>()>> {
 protected:
  store_contract() : place_(GetParam()()), store_(open()) {}

  std::unique_ptr<store> open() {
    auto opened = place_->open();
    EXPECT_TRUE(opened->claim());
    return opened;
  }
  bool lose_power() {
    store_.reset();
    const bool lost = place_->lose_power();
    store_ = open();
    return lost;
  }
  static record about(int task, std::string body = "{}") {
    return {.task = task_id(task), .kind = "happened", .body = std::move(body), .at = noon()};
  }
  static record ended(int task, wall_time at = noon()) {
    return {.task = task_id(task), .kind = std::string(kind_task_ended), .at = at};
  }
  static record raise(int task, int to) {
    return {.task = task_id(task), .raise_to = epoch(to), .kind = "attempt_started", .at = noon()};
  }
  static record from(int task, int writer) {
    record one = about(task);
    one.writer = epoch(writer);
    return one;
  }
  static record keyed(int task, std::string key, wall_time at = noon()) {
    record one = about(task);
    one.unique_key = std::move(key);
    one.at = at;
    return one;
  }
  static wall_time noon() { return wall_time_from_milliseconds(1'800'000'000'000); }

  std::vector<record_outcome> commit(const std::vector<record>& records,
                                     durability how = durability::synced) {
    std::vector<record_outcome> outcomes;
    const auto done = store_->commit(records, how, outcomes);
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_EQ(outcomes.size(), records.size());
    return outcomes;
  }
  static error_code refusal(const record_outcome& outcome) {
    return outcome ? error_code::internal : outcome.error().code;
  }
  static std::vector<std::string> bodies(const result<std::vector<fact>>& facts) {
    std::vector<std::string> all;
    for (const fact& one : *facts)
      all.push_back(one.body);
    return all;
  }

  std::unique_ptr<store_place> place_;
  std::unique_ptr<store> store_;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(store_contract);

TEST_P(store_contract, begins_empty) {
  EXPECT_EQ(store_->last_sequence(), sequence(0));
  EXPECT_TRUE(store_->read_after(sequence(0), 10)->empty());
  EXPECT_TRUE(store_->read_task(task_id(1))->empty());
  EXPECT_TRUE(store_->tasks(task_id(0), 10)->empty());
  EXPECT_EQ(store_->find_unique("k").error().code, error_code::not_found);
}

TEST_P(store_contract, numbers_facts_from_one_without_gaps) {
  const auto first = commit({about(1), about(2)});
  EXPECT_EQ(first[0], sequence(1));
  EXPECT_EQ(first[1], sequence(2));
  EXPECT_EQ(commit({about(1)})[0], sequence(3));
  EXPECT_EQ(store_->last_sequence(), sequence(3));
}

TEST_P(store_contract, gives_back_exactly_what_was_written) {
  record all = about(7, std::string("{\"a\":\"\0\xff\xc3\"}", 12));
  all.raise_to = epoch(4);
  all.at = noon() + 123'456'789ns;
  commit({all});
  record second = from(7, 4);
  second.body.clear();
  commit({second});
  const auto facts = store_->read_task(task_id(7));
  ASSERT_EQ(facts->size(), 2u);
  EXPECT_EQ((*facts)[0], (fact{.number = sequence(1),
                               .task = task_id(7),
                               .writer = epoch(0),
                               .at = all.at,
                               .kind = all.kind,
                               .body = all.body}));
  EXPECT_EQ((*facts)[1].writer, epoch(4));
  EXPECT_EQ((*facts)[1].body, "");
}

TEST_P(store_contract, reads_a_task_in_order_among_others) {
  for (int round = 0; round < 5; ++round) {
    commit({about(1, "a" + std::to_string(round)), about(2, "b"), about(0, "home")});
  }
  EXPECT_EQ(bodies(store_->read_task(task_id(1))),
            (std::vector<std::string>{"a0", "a1", "a2", "a3", "a4"}));
  EXPECT_EQ(store_->read_task(task_id(0))->size(), 5u);
}

TEST_P(store_contract, reads_on_from_a_sequence_up_to_a_limit) {
  commit({about(1, "a"), about(2, "b"), about(1, "c"), about(1, "d")});
  EXPECT_EQ(bodies(store_->read_after(sequence(1), 2)), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(bodies(store_->read_after(sequence(3), 9)), (std::vector<std::string>{"d"}));
  EXPECT_TRUE(store_->read_after(sequence(4), 9)->empty());
  EXPECT_TRUE(store_->read_after(sequence(0), 0)->empty());
}

TEST_P(store_contract, refuses_one_record_without_harm_to_its_neighbours) {
  commit({raise(1, 3)});
  const auto outcomes = commit({about(1), from(1, 2), from(1, 3), raise(1, 3), raise(1, 5)});
  EXPECT_EQ(outcomes[0], sequence(2));
  EXPECT_EQ(refusal(outcomes[1]), error_code::fenced);
  EXPECT_EQ(outcomes[2], sequence(3));
  EXPECT_EQ(refusal(outcomes[3]), error_code::precondition_failed);
  EXPECT_EQ(outcomes[4], sequence(4));
  EXPECT_EQ(store_->read_task(task_id(1))->size(), 4u);
}

TEST_P(store_contract, checks_epochs_within_a_transaction) {
  const auto outcomes = commit({raise(1, 1), from(1, 1), raise(1, 2), from(1, 1), from(1, 2)});
  EXPECT_TRUE(outcomes[1]);
  EXPECT_EQ(refusal(outcomes[3]), error_code::fenced);
  EXPECT_TRUE(outcomes[4]);
}

TEST_P(store_contract, accepts_a_unique_key_once) {
  const auto outcomes = commit({keyed(1, "k"), keyed(2, "k"), keyed(2, "other")});
  EXPECT_EQ(outcomes[0], sequence(1));
  EXPECT_EQ(refusal(outcomes[1]), error_code::already_exists);
  EXPECT_EQ(outcomes[2], sequence(2));
  EXPECT_EQ(refusal(commit({keyed(3, "k")})[0]), error_code::already_exists);
  EXPECT_EQ(store_->find_unique("k"), task_id(1));
  EXPECT_EQ(store_->find_unique("other"), task_id(2));
}

TEST_P(store_contract, does_not_remember_the_key_of_a_refused_record) {
  record refused = from(1, 9);
  refused.unique_key = "k";
  EXPECT_EQ(refusal(commit({refused})[0]), error_code::fenced);
  EXPECT_TRUE(commit({keyed(1, "k")})[0]);
}

TEST_P(store_contract, lists_tasks_in_order_with_their_heads) {
  commit({raise(3, 2), about(1), about(0), ended(1, noon() + 5s), about(2)});
  const auto all = store_->tasks(task_id(0), 10);
  ASSERT_EQ(all->size(), 3u) << "the home is no task";
  EXPECT_EQ((*all)[0], (task_summary{.task = task_id(1),
                                     .current = epoch(0),
                                     .last = sequence(4),
                                     .ended = true,
                                     .ended_at = noon() + 5s}));
  EXPECT_FALSE((*all)[1].ended);
  EXPECT_EQ((*all)[2].current, epoch(2));
  EXPECT_EQ(store_->tasks(task_id(1), 1)->front().task, task_id(2));
}

TEST_P(store_contract, keeps_all_for_the_next_process) {
  commit({raise(1, 4), keyed(1, "k")});
  commit({about(2)}, durability::lazy);
  store_.reset();
  store_ = open();
  EXPECT_EQ(store_->last_sequence(), sequence(3));
  EXPECT_EQ(store_->read_task(task_id(1))->size(), 2u);
  EXPECT_EQ(refusal(commit({from(1, 3)})[0]), error_code::fenced);
  EXPECT_EQ(refusal(commit({keyed(1, "k")})[0]), error_code::already_exists);
  EXPECT_EQ(commit({from(1, 4)})[0], sequence(4));
}

// proves: P2
TEST_P(store_contract, keeps_what_was_synced_when_the_power_is_cut) {
  commit({about(1, "a"), keyed(2, "k")});
  commit({about(1, "b")});
  commit({about(1, "c")}, durability::lazy);
  if (!lose_power()) GTEST_SKIP();
  EXPECT_EQ(bodies(store_->read_task(task_id(1))), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(store_->find_unique("k"), task_id(2));
  EXPECT_EQ(commit({about(1, "d")})[0], sequence(4));
}

// proves: P2
TEST_P(store_contract, makes_lazy_transactions_durable_with_an_empty_synced_one) {
  commit({about(1, "a")}, durability::lazy);
  commit({about(1, "b")}, durability::lazy);
  commit({});
  if (!lose_power()) GTEST_SKIP();
  EXPECT_EQ(bodies(store_->read_task(task_id(1))), (std::vector<std::string>{"a", "b"}));
}

// proves: P2
TEST_P(store_contract, makes_them_durable_although_an_expiry_that_removed_nothing_came_between) {
  commit({about(1, "a")}, durability::lazy);
  const std::vector<task_id> live{task_id(1)};
  ASSERT_TRUE(store_->expire(live, noon()));
  commit({});
  if (!lose_power()) GTEST_SKIP();
  EXPECT_EQ(bodies(store_->read_task(task_id(1))), (std::vector<std::string>{"a"}));
}

TEST_P(store_contract, fences_a_core_that_was_replaced) {
  commit({about(1), ended(2)});
  auto newer = open();
  std::vector<record_outcome> outcomes;
  const std::vector<record> records{about(1)};
  EXPECT_EQ(store_->commit(records, durability::synced, outcomes).error().code, error_code::fenced);
  EXPECT_TRUE(outcomes.empty());
  EXPECT_FALSE(store_->commit({}, durability::synced, outcomes)) << "and stays fenced";
  EXPECT_EQ(store_->reopen().error().code, error_code::fenced);
  const std::vector<task_id> gone{task_id(2)};
  EXPECT_FALSE(store_->expire(gone, noon()));
  EXPECT_TRUE(newer->commit(records, durability::synced, outcomes));
  EXPECT_EQ(newer->last_sequence(), sequence(3));
}

TEST_P(store_contract, raises_the_core_epoch_with_every_claim) {
  auto second = place_->open();
  const auto one = second->claim();
  auto third = place_->open();
  EXPECT_GT(*third->claim(), *one);
}

TEST_P(store_contract, raises_the_core_epoch_above_one_that_others_know) {
  auto second = place_->open();
  EXPECT_EQ(second->claim(core_epoch(40)), core_epoch(41));
  auto third = place_->open();
  EXPECT_EQ(third->claim(core_epoch(7)), core_epoch(42)) << "and never below its own";
}

TEST_P(store_contract, goes_on_after_reopening) {
  commit({raise(1, 1)});
  ASSERT_TRUE(store_->reopen());
  EXPECT_EQ(store_->last_sequence(), sequence(1));
  EXPECT_EQ(commit({from(1, 1)})[0], sequence(2));
}

TEST_P(store_contract, commits_an_empty_transaction) {
  commit({about(1)}, durability::lazy);
  EXPECT_TRUE(commit({}).empty());
  EXPECT_EQ(store_->last_sequence(), sequence(1));
}

TEST_P(store_contract, removes_ended_tasks_with_all_that_belongs_to_them) {
  commit({keyed(1, "one"), about(2), about(1), ended(1), ended(3), about(2)});
  const std::vector<task_id> chosen{task_id(1), task_id(2), task_id(9)};
  const auto gone = store_->expire(chosen, noon());
  EXPECT_EQ(gone, (expiry{.tasks = {task_id(1)}, .facts = 3, .unique_keys = 0}));
  EXPECT_TRUE(store_->read_task(task_id(1))->empty());
  EXPECT_EQ(store_->read_task(task_id(2))->size(), 2u) << "a live task is never touched";
  EXPECT_EQ(store_->read_after(sequence(0), 10)->size(), 3u);
  EXPECT_EQ(refusal(commit({keyed(4, "one")})[0]), error_code::already_exists)
      << "keys are kept longer";
}

TEST_P(store_contract, forgets_old_keys_of_removed_tasks_only) {
  commit({keyed(1, "old"), keyed(1, "new", noon() + 2s), keyed(2, "live"), ended(1)});
  const std::vector<task_id> chosen{task_id(1)};
  EXPECT_EQ(store_->expire(chosen, noon() + 1s)->unique_keys, 1u);
  EXPECT_FALSE(store_->find_unique("old"));
  EXPECT_TRUE(store_->find_unique("new"));
  EXPECT_TRUE(store_->find_unique("live"));
}

TEST_P(store_contract, never_gives_a_number_twice_even_when_the_newest_facts_expired) {
  commit({about(1), ended(1)});
  const std::vector<task_id> chosen{task_id(1)};
  ASSERT_TRUE(store_->expire(chosen, noon()));
  store_.reset();
  store_ = open();
  EXPECT_EQ(store_->last_sequence(), sequence(2));
  EXPECT_EQ(commit({about(1)})[0], sequence(3));
}

TEST_P(store_contract, removes_a_bounded_number_of_facts_at_a_time_and_one_task_at_least) {
  const auto half = expired_facts_most / 2 + 1;
  for (const int task : {1, 2, 3}) {
    commit(std::vector<record>(task == 3 ? 2 * half : half, about(task)));
    commit({ended(task)});
  }
  const std::vector<task_id> all{task_id(1), task_id(2), task_id(3)};
  EXPECT_EQ(store_->expire(all, noon())->tasks, (std::vector<task_id>{task_id(1), task_id(2)}));
  EXPECT_EQ(store_->expire(all, noon())->tasks, (std::vector<task_id>{task_id(3)}));
  EXPECT_TRUE(store_->tasks(task_id(0), 9)->empty());
}

TEST_P(store_contract, takes_large_and_many_records) {
  std::vector<record> many;
  for (int i = 0; i < 2'000; ++i)
    many.push_back(about(i % 50));
  many.push_back(about(1, std::string(1 << 20, 'x')));
  commit(many);
  EXPECT_EQ(store_->last_sequence(), sequence(2'001));
  EXPECT_EQ(store_->read_task(task_id(1))->back().body.size(), std::size_t{1} << 20);
  EXPECT_EQ(store_->read_task(task_id(2))->size(), 40u);
}

}  // namespace nine::journal
