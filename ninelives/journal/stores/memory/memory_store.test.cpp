#include "ninelives/journal/stores/memory/memory_store.hpp"

#include <gtest/gtest.h>

#include "ninelives/journal/store_contract.hpp"

namespace nine::journal {
namespace {

using stores::memory_medium;
using stores::memory_store;

class memory_place final : public store_place {
 public:
  std::unique_ptr<store> open() override { return std::make_unique<memory_store>(medium_); }
  bool lose_power() override {
    medium_->lose_unsynced();
    return true;
  }

 private:
  std::shared_ptr<memory_medium> medium_ = std::make_shared<memory_medium>();
};

INSTANTIATE_TEST_SUITE_P(memory, store_contract,
                         testing::Values([] { return std::make_unique<memory_place>(); }));

class a_memory_medium : public testing::Test {
 protected:
  a_memory_medium() { EXPECT_TRUE(store_.claim()); }
  void commit(record entry, durability how) {
    std::vector<record_outcome> outcomes;
    EXPECT_TRUE(store_.commit({&entry, 1}, how, outcomes));
  }

  std::shared_ptr<memory_medium> medium_ = std::make_shared<memory_medium>();
  memory_store store_{medium_};
};

TEST_F(a_memory_medium, loses_exactly_what_was_not_synced) {
  commit({.task = task_id(1), .raise_to = epoch(1), .unique_key = "a"}, durability::synced);
  commit({.task = task_id(1), .raise_to = epoch(2), .unique_key = "b"}, durability::lazy);
  commit({.task = task_id(2), .kind = "x"}, durability::lazy);
  EXPECT_EQ(medium_->unsynced(), 2u);
  medium_->lose_unsynced();
  EXPECT_EQ(store_.last_sequence(), sequence(1));
  EXPECT_EQ(
      *store_.tasks(task_id(0), 9),
      (std::vector<task_summary>{{.task = task_id(1), .current = epoch(1), .last = sequence(1)}}));
  EXPECT_TRUE(store_.find_unique("a"));
  EXPECT_FALSE(store_.find_unique("b"));
}

TEST_F(a_memory_medium, syncs_all_before_with_one_synced_transaction) {
  commit({.task = task_id(1), .kind = "x"}, durability::lazy);
  std::vector<record_outcome> outcomes;
  EXPECT_TRUE(store_.commit({}, durability::synced, outcomes));
  medium_->lose_unsynced();
  EXPECT_EQ(store_.last_sequence(), sequence(1));
}

}  // namespace
}  // namespace nine::journal
