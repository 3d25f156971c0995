// The power is cut after each single write and sync of a store at work. What the disk was not told
// to keep may be lost, kept, or kept in part, in any order.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/journal/stores/sqlite/faulty_vfs.test.hpp"
#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"

namespace nine::journal::stores {
namespace {

using sqlite::testing::layered_vfs;
using sqlite::testing::the_disk;
using sqlite::testing::the_fault;

class a_power_cut : public testing::Test {
 protected:
  void TearDown() override { the_fault = {}; }

  /// A new journal, whose store is at work; all operations succeed so far.
  void begin() {
    store_.reset();
    the_fault = {};
    for (const char* end : {"", "-wal", "-shm"})
      std::filesystem::remove(path_.string() + end);
    the_disk.begin();
    given_.clear();
    acknowledged_ = 0;
    store_ = open(layered_vfs());
    the_fault.operations = 0;
  }
  std::unique_ptr<sqlite_store> open(std::string vfs) {
    auto opened = sqlite_store::open(
        files_, {.path = path_, .log_pages_due = 8, .log_pages_most = 24, .vfs = std::move(vfs)});
    EXPECT_TRUE(opened) << opened.error().message;
    if (!opened) return nullptr;
    const auto claimed = (*opened)->claim();
    EXPECT_TRUE(claimed) << claimed.error().message;
    return *std::move(opened);
  }
  /// False when the store has failed.
  bool write(std::size_t facts, durability how, std::size_t body_bytes) {
    std::vector<record> records;
    for (std::size_t i = 0; i < facts; ++i) {
      given_.push_back(std::to_string(given_.size()) + std::string(body_bytes, 'x'));
      records.push_back({.task = task_id(1), .kind = "k", .body = given_.back()});
    }
    std::vector<record_outcome> outcomes;
    if (!store_->commit(records, how, outcomes)) return false;
    if (how == durability::synced) acknowledged_ = given_.size();
    return true;
  }

  /// Whatever of the unsynced writes the disk has: all that was acknowledged is there, and what
  /// else is there is whole and in order. The next store goes on from there.
  void expect_nothing_acknowledged_lost() {
    store_.reset();
    the_fault = {};
    std::mt19937 chance(static_cast<unsigned>(given_.size()));
    const auto some_of = [&](std::size_t size) {
      const auto sectors = size / 512;
      const auto kind = chance() % 3;
      return kind == 0 ? 0 : kind == 1 ? size : chance() % (sectors + 1) * 512;
    };
    const std::function<std::size_t(std::size_t)> disks[] = {
        sqlite::testing::nothing_of, sqlite::testing::all_of, some_of, some_of};
    for (const auto& part_of : disks) {
      the_disk.lose_power(part_of);
      const auto after = open("");
      ASSERT_TRUE(after);
      const auto facts = after->read_task(task_id(1));
      ASSERT_TRUE(facts) << facts.error().message;
      ASSERT_GE(facts->size(), acknowledged_);
      ASSERT_LE(facts->size(), given_.size());
      for (std::size_t i = 0; i < facts->size(); ++i)
        ASSERT_EQ((*facts)[i].body, given_[i]);
      const record more{.task = task_id(1), .kind = "k"};
      std::vector<record_outcome> outcomes;
      ASSERT_TRUE(after->commit({&more, 1}, durability::synced, outcomes));
      ASSERT_EQ(outcomes[0], sequence(static_cast<std::int64_t>(facts->size() + 1)));
    }
  }

  environment::testing::temporary_directory directory_;
  environment::real_files files_;
  std::filesystem::path path_ = directory_ / "journal";
  std::unique_ptr<sqlite_store> store_;
  std::vector<std::string> given_;  ///< the bodies of all facts, in order
  std::size_t acknowledged_ = 0;    ///< so many of them were told to be durable
};

// proves: P2
TEST_F(a_power_cut, takes_nothing_that_was_acknowledged_wherever_it_comes_even_in_a_checkpoint) {
  bool cut = true;
  int written_back = 0;
  for (int n = 1; cut; ++n) {
    ASSERT_LT(n, 1'000);
    SCOPED_TRACE(n);
    begin();
    the_fault.fail_at = n;
    the_fault.for_good = true;
    const auto syncs_before = the_disk.file(path_.string()).syncs();
    for (int i = 0; i < 12; ++i) {
      const auto how = i % 3 == 1 ? durability::synced : durability::lazy;
      if (!write(1 + static_cast<std::size_t>(i % 2), how, 3'000)) break;
      if (i % 4 == 3 && !store_->maintain()) break;
    }
    cut = the_fault.operations >= n;
    written_back += the_disk.file(path_.string()).syncs() - syncs_before;
    expect_nothing_acknowledged_lost();
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(written_back, 0) << "else no checkpoint was cut";
}

// proves: P2
TEST_F(a_power_cut, or_a_failure_around_the_fact_with_which_all_heads_are_written_takes_nothing) {
  for (const bool for_good : {true, false}) {
    bool struck = true;
    for (int n = 1; struck; ++n) {
      ASSERT_LT(n, 200);
      SCOPED_TRACE(n);
      begin();
      ASSERT_TRUE(write(253, durability::synced, 10));
      the_fault.operations = 0;
      the_fault.fail_at = n;
      the_fault.for_good = for_good;
      for (int i = 0; i < 6; ++i) {
        if (write(1, durability::synced, 10)) continue;
        if (for_good || !store_->reopen()) break;
        // It tells by its end whether the transaction took place; if not, it is not done again
        // here.
        given_.resize(static_cast<std::size_t>(store_->last_sequence()->value()));
        acknowledged_ = given_.size();
      }
      struck = the_fault.operations >= n;
      expect_nothing_acknowledged_lost();
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace nine::journal::stores
