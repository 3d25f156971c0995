#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/journal/store_contract.hpp"
#include "ninelives/journal/stores/sqlite/examination.hpp"
#include "ninelives/journal/stores/sqlite/faulty_vfs.test.hpp"
#include "ninelives/journal/stores/sqlite/schema.hpp"
#include "ninelives/journal/stores/sqlite/version_1.test.hpp"

namespace nine::journal {
namespace {

using environment::real_files;
using environment::testing::temporary_directory;
using stores::sqlite_options;
using stores::sqlite_store;
using stores::sqlite::connection;
using stores::sqlite::testing::layered_vfs;
using stores::sqlite::testing::the_disk;
using stores::sqlite::testing::the_fault;

class sqlite_place final : public store_place {
 public:
  sqlite_place() { the_disk.begin(); }
  std::unique_ptr<store> open() override {
    auto opened =
        sqlite_store::open(files_, {.path = directory_ / "journal", .vfs = layered_vfs()});
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }
  bool lose_power() override {
    the_disk.lose_power(stores::sqlite::testing::nothing_of);
    return true;
  }

 private:
  temporary_directory directory_;
  real_files files_;
};

INSTANTIATE_TEST_SUITE_P(sqlite, store_contract,
                         testing::Values([] { return std::make_unique<sqlite_place>(); }));

class a_sqlite_store : public testing::Test {
 protected:
  result<std::unique_ptr<sqlite_store>> open(std::string vfs = {}) {
    return sqlite_store::open(files_, {.path = path_, .log_pages_due = 8, .vfs = std::move(vfs)});
  }
  std::unique_ptr<sqlite_store> claimed() {
    auto opened = open();
    EXPECT_TRUE(opened) << opened.error().message;
    const auto claim = (*opened)->claim();
    EXPECT_TRUE(claim) << claim.error().message;
    return *std::move(opened);
  }
  static result<void> commit(store& where, int task, const std::string& body,
                             durability how = durability::synced) {
    const record entry{.task = task_id(task), .kind = "k", .body = body};
    std::vector<record_outcome> outcomes;
    return where.commit({&entry, 1}, how, outcomes);
  }
  /// Does something to the file behind the store's back.
  void tamper(const char* sql) {
    if (!std::filesystem::exists(path_)) {
      ASSERT_TRUE(files_.write_durably(path_, ""));
    }
    auto direct = connection::open(path_.string(), connection::mode::read_write, "");
    ASSERT_TRUE(direct);
    const auto done = direct->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }

  temporary_directory directory_;
  std::filesystem::path path_ = directory_ / "journal";
  real_files files_;
};

TEST_F(a_sqlite_store, keeps_its_files_to_their_owner) {
  auto opened = claimed();
  ASSERT_TRUE(commit(*opened, 1, "a"));
  for (const char* end : {"", "-wal", "-shm"}) {
    struct stat found{};
    ASSERT_EQ(::stat((path_.string() + end).c_str(), &found), 0) << end;
    EXPECT_EQ(found.st_mode & 0777, 0600u) << end;
  }
}

TEST_F(a_sqlite_store, opens_a_journal_of_the_first_format) {
  tamper(stores::sqlite::testing::version_1);
  auto opened = claimed();
  EXPECT_EQ(opened->last_sequence(), sequence(6));
  const auto facts = opened->read_task(task_id(1));
  ASSERT_TRUE(facts) << facts.error().message;
  ASSERT_EQ(facts->size(), 4u);
  EXPECT_EQ(facts->back().kind, "task_ended");
  EXPECT_EQ(facts->at(2).writer, epoch(2));
  EXPECT_EQ(opened->find_unique("request-1"), task_id(1));
  EXPECT_TRUE(opened->tasks(task_id(0), 9)->front().ended);
  record late{.task = task_id(2), .writer = epoch(2), .kind = "k"};
  std::vector<record_outcome> outcomes;
  ASSERT_TRUE(opened->commit({&late, 1}, durability::synced, outcomes));
  EXPECT_EQ(outcomes[0].error().code, error_code::fenced);
}

TEST_F(a_sqlite_store, refuses_a_newer_format_and_says_what_to_do) {
  claimed();
  tamper("PRAGMA user_version = 99");
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::precondition_failed);
  EXPECT_NE(refused.error().message.find("format 99"), std::string::npos);
}

TEST_F(a_sqlite_store, refuses_what_is_no_journal) {
  tamper("CREATE TABLE other(a)");
  EXPECT_EQ(open().error().code, error_code::corrupted);
  ASSERT_TRUE(files_.write_durably(path_, std::string(10'000, 'x')));
  EXPECT_EQ(open().error().code, error_code::corrupted);
}

TEST_F(a_sqlite_store, is_examined_from_outside_and_stays_as_it_is) {
  EXPECT_EQ(stores::examine(files_, path_).error().code, error_code::not_found);
  ASSERT_TRUE(commit(*claimed(), 1, std::string(50'000, 'x')));
  EXPECT_TRUE(stores::examine(files_, path_));
  ASSERT_TRUE(open());
}

TEST_F(a_sqlite_store, examined_from_outside_tells_what_is_wrong_with_it) {
  ASSERT_TRUE(commit(*claimed(), 1, std::string(50'000, 'x')));
  auto locking = connection::open(path_, connection::mode::read_write, "");
  ASSERT_TRUE(locking && locking->execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; "
                                          "UPDATE home SET syncs = syncs + 1; COMMIT"));
  EXPECT_EQ(stores::examine(files_, path_).error().code, error_code::unavailable);
  ASSERT_TRUE(locking->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  locking = fail(error_code::internal, "closed");
  const auto sound = *files_.read(path_, 16 * MiB);
  const auto examined = [&](const std::string& bytes) {
    EXPECT_TRUE(files_.write_durably(path_, bytes));
    const auto seen = stores::examine(files_, path_);
    return seen ? std::nullopt : std::optional(seen.error().code);
  };
  EXPECT_EQ(examined(sound), std::nullopt);
  EXPECT_EQ(examined(sound.substr(0, sound.size() / 2)), error_code::corrupted);
  EXPECT_EQ(examined("no database at all, whatever its name says"), error_code::corrupted);
  auto newer = sound;
  newer[63] = 99;  // the last byte of user_version
  EXPECT_EQ(examined(newer), error_code::precondition_failed);
}

TEST_F(a_sqlite_store, notices_a_fact_that_changed_on_the_disk) {
  auto first = claimed();
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(commit(*first, 1, "body " + std::to_string(i)));
  first.reset();
  tamper("UPDATE facts SET body = x'00' WHERE sequence = 3");
  auto opened = claimed();
  EXPECT_EQ(opened->read_task(task_id(1)).error().code, error_code::corrupted);
  EXPECT_TRUE(commit(*opened, 2, "other tasks go on"));
  opened.reset();
  tamper("UPDATE facts SET body = x'00' WHERE sequence = 299");
  EXPECT_EQ(open().error().code, error_code::corrupted) << "the newest are read back at opening";
}

TEST_F(a_sqlite_store, tells_of_a_damaged_fact_among_others_and_reads_on) {
  auto first = claimed();
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(commit(*first, 1, "b"));
  first.reset();
  tamper("UPDATE facts SET body = x'00' WHERE sequence = 3");
  const auto facts = claimed()->read_after(sequence(0), 9);
  ASSERT_TRUE(facts) << facts.error().message;
  ASSERT_EQ(facts->size(), 9u);
  EXPECT_FALSE((*facts)[1].damaged);
  EXPECT_EQ((*facts)[2], (fact{.number = sequence(3), .damaged = true}));
  EXPECT_EQ((*facts)[3].body, "b");
}

TEST_F(a_sqlite_store, removes_a_task_whose_facts_lead_round_in_a_circle) {
  auto first = claimed();
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(commit(*first, 1, "b"));
  const record end{.task = task_id(1), .kind = std::string(kind_task_ended)};
  std::vector<record_outcome> outcomes;
  ASSERT_TRUE(first->commit({&end, 1}, durability::synced, outcomes));
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(commit(*first, 2, "b"));
  first.reset();
  tamper("UPDATE facts SET previous = 5 WHERE sequence = 3");
  const auto gone = claimed()->expire(std::array{task_id(1)}, wall_time{});
  ASSERT_TRUE(gone) << gone.error().message;
  EXPECT_EQ(gone->tasks, std::vector{task_id(1)});
  EXPECT_EQ(gone->facts, 299u) << "two cannot be reached any more";
}

/// What the rows of the tasks say, beside what the store knows.
class with_rows_that_are_behind : public a_sqlite_store {
 protected:
  /// So many facts of task 1, without any other change of its head.
  void write(store& where, int facts) {
    for (int i = 0; i < facts; ++i)
      ASSERT_TRUE(commit(where, 1, "b", i % 2 == 0 ? durability::lazy : durability::synced));
  }
  std::int64_t in_row(const char* what) {
    auto direct = connection::open(path_.string(), connection::mode::read_only, "");
    return direct->integer("SELECT " + std::string(what) + " FROM task_heads WHERE task = 1")
        .value_or(-1);
  }
  static sequence last_of(store& where) { return where.tasks(task_id(0), 9)->front().last; }
};

TEST_F(with_rows_that_are_behind, another_store_learns_the_last_fact_from_the_newest_facts) {
  write(*claimed(), 100);
  ASSERT_EQ(in_row("last"), 1) << "else this tests nothing";
  auto opened = claimed();
  EXPECT_EQ(opened->read_task(task_id(1))->size(), 100u);
  EXPECT_EQ(last_of(*opened), sequence(100));
  write(*opened, 1);
  EXPECT_EQ(opened->read_task(task_id(1))->size(), 101u);
}

TEST_F(with_rows_that_are_behind, no_row_is_behind_by_more_than_is_read_back) {
  auto opened = claimed();
  for (int facts = 1; facts <= 600; ++facts) {
    write(*opened, 1);
    ASSERT_LT(facts - in_row("last"), 256);
  }
  const auto row = in_row("last");
  EXPECT_LT(row, 600);
  EXPECT_EQ(last_of(*opened), sequence(600));
  EXPECT_EQ(claimed()->read_task(task_id(1))->size(), 600u);
}

TEST_F(with_rows_that_are_behind, one_large_transaction_writes_all_rows) {
  auto opened = claimed();
  write(*opened, 3);
  ASSERT_TRUE(commit(*opened, 2, "b"));
  ASSERT_TRUE(commit(*opened, 2, "b"));
  const std::vector<record> many(300, {.task = task_id(3), .kind = "k"});
  std::vector<record_outcome> outcomes;
  ASSERT_TRUE(opened->commit(many, durability::synced, outcomes));
  EXPECT_EQ(in_row("last"), 3);
  opened = claimed();
  EXPECT_EQ(opened->read_task(task_id(1))->size(), 3u);
  EXPECT_EQ(opened->read_task(task_id(2))->size(), 2u);
  EXPECT_EQ(opened->read_task(task_id(3))->size(), 300u);
}

TEST_F(with_rows_that_are_behind, an_incarnation_and_an_end_are_in_the_row_at_once) {
  auto opened = claimed();
  write(*opened, 3);
  record raise{.task = task_id(1), .raise_to = epoch(4), .kind = "k"};
  std::vector<record_outcome> outcomes;
  ASSERT_TRUE(opened->commit({&raise, 1}, durability::lazy, outcomes));
  EXPECT_EQ(in_row("epoch"), 4);
  EXPECT_EQ(in_row("last"), 4);
  write(*opened, 2);
  record end{.task = task_id(1), .kind = std::string(kind_task_ended)};
  ASSERT_TRUE(opened->commit({&end, 1}, durability::lazy, outcomes));
  EXPECT_EQ(in_row("ended"), 1);
  EXPECT_EQ(in_row("last"), 7);
}

TEST_F(with_rows_that_are_behind, what_expired_does_not_come_back) {
  auto opened = claimed();
  record end{.task = task_id(1), .kind = std::string(kind_task_ended)};
  std::vector<record_outcome> outcomes;
  write(*opened, 1);
  ASSERT_TRUE(opened->commit({&end, 1}, durability::synced, outcomes));
  write(*opened, 3);  // an ended task can still get facts, and then its row is behind
  ASSERT_EQ(opened->expire(std::array{task_id(1)}, wall_time{})->facts, 5u);
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(commit(*opened, 2, "b"));
  EXPECT_EQ(in_row("last"), -1);
  opened = claimed();
  EXPECT_EQ(opened->tasks(task_id(0), 9)->size(), 1u);
  EXPECT_EQ(opened->last_sequence(), sequence(305));
}

TEST_F(with_rows_that_are_behind, a_successor_knows_what_was_written_before_it_claimed) {
  auto first = claimed();
  write(*first, 3);
  auto second = open();
  ASSERT_TRUE(second);
  write(*first, 3);
  ASSERT_TRUE((*second)->claim());
  EXPECT_EQ((*second)->last_sequence(), sequence(6));
  EXPECT_EQ((*second)->read_task(task_id(1))->size(), 6u);
}

TEST_F(a_sqlite_store, notices_a_fact_that_is_gone) {
  auto first = claimed();
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(commit(*first, 1, "b"));
  first.reset();
  tamper("DELETE FROM facts WHERE sequence = 2");
  EXPECT_EQ(claimed()->read_task(task_id(1)).error().code, error_code::corrupted);
}

TEST_F(a_sqlite_store, writes_its_log_back_when_it_is_asked_and_starts_it_again) {
  auto opened = claimed();
  EXPECT_FALSE(opened->maintenance_due());
  std::uintmax_t largest = 0;
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(commit(*opened, i, std::string(2'000, 'x')));
    ASSERT_TRUE(opened->maintain());
    EXPECT_FALSE(opened->maintenance_due());
    largest = std::max(largest, std::filesystem::file_size(path_.string() + "-wal"));
  }
  EXPECT_LT(largest, 200'000u) << "the log would hold 2 MB by now";
}

TEST_F(a_sqlite_store, lengthens_its_log_ahead_and_writes_over_it_then) {
  const auto opened = sqlite_store::open(files_, {.path = path_});
  ASSERT_TRUE((*opened)->claim());
  std::set<std::uintmax_t> lengths;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(commit(**opened, 1, "b"));
    lengths.insert(std::filesystem::file_size(path_.string() + "-wal"));
  }
  EXPECT_LE(lengths.size(), 2u) << "a sync of a file that grows is slow";
  EXPECT_EQ(claimed()->read_task(task_id(1))->size(), 100u) << "the zeros are no part of the log";
}

TEST_F(a_sqlite_store, writes_again_at_a_claim_all_that_its_log_holds_and_not_what_it_does_not) {
  ASSERT_NE(layered_vfs(), nullptr);
  auto first = sqlite_store::open(files_, {.path = path_, .vfs = layered_vfs()});
  ASSERT_TRUE((*first)->claim());
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(commit(**first, 1, "b"));
  first->reset();
  constexpr std::int64_t held = 20 * 4'096;  // a page of each commit
  ASSERT_GT(std::filesystem::file_size(path_.string() + "-wal"), std::uintmax_t{4 * held});
  auto second = sqlite_store::open(files_, {.path = path_, .vfs = layered_vfs()});
  the_fault.bytes_written = 0;
  ASSERT_TRUE((*second)->claim());
  EXPECT_GT(the_fault.bytes_written, held);
  EXPECT_LT(the_fault.bytes_written, 2 * held);
}

/// Fails each write, truncation and sync in turn and looks whether what was acknowledged is there,
/// once, whatever the failure did.
class with_each_operation_failing : public a_sqlite_store, public testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    the_fault = {.fail_at = 0, .code_of_write = GetParam()};
    ASSERT_NE(layered_vfs(), nullptr);
  }
  void TearDown() override { the_fault = {}; }

  /// As the journal does it: after a failure the store is reopened and says whether the
  /// transaction took place. Gives up after the bound.
  void write_until_done(sqlite_store& where, const std::string& body, durability how) {
    const record entry{.task = task_id(1), .kind = "k", .body = body};
    for (int tries = 0; tries < 5; ++tries) {
      const sequence before = last_;
      std::vector<record_outcome> outcomes;
      if (where.commit({&entry, 1}, how, outcomes)) {
        last_ = *outcomes[0];
        return;
      }
      ++failures_;
      while (!where.reopen() && tries < 5)
        ++tries;
      last_ = *where.last_sequence();
      if (last_ > before && !outcomes.empty()) return;
    }
    FAIL() << "no success after the one failure";
  }

  sequence last_;
  int failures_ = 0;
};

TEST_P(with_each_operation_failing, loses_and_doubles_nothing) {
  bool struck = true;
  for (int n = 1; struck; ++n) {
    ASSERT_LT(n, 2'000);
    SCOPED_TRACE(n);
    std::error_code ignored;
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path_.string() + end, ignored);
    }
    last_ = sequence(0);
    the_fault.operations = 0;
    the_fault.fail_at = n;
    auto opened = open(layered_vfs());
    if (!opened) opened = open(layered_vfs());
    ASSERT_TRUE(opened) << opened.error().message;
    if (!(*opened)->claim()) {
      opened = open(layered_vfs());
      ASSERT_TRUE((*opened)->claim());
    }
    std::vector<std::string> expected;
    for (int i = 0; i < 12; ++i) {
      expected.push_back(std::to_string(i) + std::string(3'000, 'x'));
      write_until_done(**opened, expected.back(),
                       i % 3 == 0 ? durability::lazy : durability::synced);
      if (!(*opened)->maintain()) {
        ++failures_;
        ASSERT_TRUE((*opened)->reopen());
      }
    }
    struck = the_fault.operations >= n;
    the_fault.fail_at = 0;
    std::vector<std::string> found;
    const auto facts = claimed()->read_task(task_id(1));
    ASSERT_TRUE(facts) << facts.error().message;
    for (const fact& one : *facts)
      found.push_back(one.body);
    ASSERT_EQ(found, expected);
  }
  EXPECT_GT(failures_, 20);
}

INSTANTIATE_TEST_SUITE_P(errors, with_each_operation_failing,
                         testing::Values(SQLITE_IOERR_WRITE, SQLITE_FULL));

}  // namespace
}  // namespace nine::journal
