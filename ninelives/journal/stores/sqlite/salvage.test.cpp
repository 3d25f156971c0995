#include "ninelives/journal/stores/sqlite/salvage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/journal/stores/sqlite/connection.hpp"
#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"

namespace nine::journal::stores {
namespace {

class salvage_test : public testing::Test {
 protected:
  /// A journal of `count` facts about two tasks.
  void write_facts(int count) {
    auto opened = sqlite_store::open(files_, {.path = path_});
    ASSERT_TRUE(opened) << opened.error().message;
    ASSERT_TRUE((*opened)->claim());
    std::vector<record> records;
    for (int number = 1; number <= count; ++number) {
      records.push_back({.task = task_id(1 + number % 2),
                         .kind = "k",
                         .body = "{\"number\":" + std::to_string(number) + "}"});
    }
    std::vector<record_outcome> outcomes;
    ASSERT_TRUE((*opened)->commit(records, durability::synced, outcomes));
  }
  void change(const char* sql) {
    auto opened =
        sqlite::connection::open(path_.string(), sqlite::connection::mode::read_write, "");
    ASSERT_TRUE(opened && opened->execute(sql));
  }
  /// The page of the newest facts becomes rubbish.
  void lose_newest_page() {
    auto opened = sqlite::connection::open(path_.string(), sqlite::connection::mode::read_only, "");
    const auto page = opened->integer(
        "SELECT pageno FROM dbstat WHERE name = 'facts' AND pagetype = 'leaf' "
        "ORDER BY path DESC LIMIT 1");
    ASSERT_TRUE(page) << page.error().message;
    auto content = *files_.read(path_, 64 * MiB);
    std::fill_n(content.begin() + (*page - 1) * 4096, 4096, '\xAA');
    ASSERT_TRUE(files_.write_durably(path_, content));
  }
  salvage_report salvaged() {
    const auto report = salvage(path_, [this](const fact& one) -> result<void> {
      saved_.push_back(one.number.value());
      return {};
    });
    EXPECT_TRUE(report);
    return *report;
  }

  environment::testing::temporary_directory directory_;
  environment::real_files files_;
  std::filesystem::path path_ = directory_ / "journal";
  std::vector<std::int64_t> saved_;
};

TEST_F(salvage_test, gives_all_facts_of_a_journal_that_is_well) {
  write_facts(5);
  const auto report = salvaged();
  EXPECT_EQ(report.facts, 5U);
  EXPECT_EQ(report.tasks, 2U);
  EXPECT_EQ(report.lost, 0);
  EXPECT_EQ(saved_, (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
}

// proves: P2
TEST_F(salvage_test, leaves_out_what_was_changed_or_is_missing_and_counts_it) {
  write_facts(6);
  change("UPDATE facts SET body = x'00' WHERE sequence = 2");
  change("DELETE FROM facts WHERE sequence IN (4, 5)");
  const auto report = salvaged();
  EXPECT_EQ(report.facts, 3U);
  EXPECT_EQ(report.lost, 3);
  EXPECT_EQ(saved_, (std::vector<std::int64_t>{1, 3, 6}));
}

// proves: X4
TEST_F(salvage_test, reads_around_pages_full_of_rubbish) {
  write_facts(2000);
  change("PRAGMA wal_checkpoint(TRUNCATE)");
  auto content = *files_.read(path_, 64 * MiB);
  const auto middle = content.size() / 2 / 4096 * 4096;
  std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(middle), 4096, '\xAA');
  ASSERT_TRUE(files_.write_durably(path_, content));
  const auto report = salvaged();
  EXPECT_GT(report.facts, 1000U);
  EXPECT_EQ(static_cast<std::int64_t>(report.facts) + report.lost, 2000);
  EXPECT_TRUE(std::ranges::is_sorted(saved_));
}

// proves: X4
TEST_F(salvage_test, finds_facts_that_only_they_themselves_tell_of) {
  write_facts(300);  // all rows of tasks are written with the 300th
  {
    auto opened = sqlite_store::open(files_, {.path = path_});
    ASSERT_TRUE((*opened)->claim());
    const std::vector<record> more(200, {.task = task_id(1), .kind = "k", .body = "{}"});
    std::vector<record_outcome> outcomes;
    ASSERT_TRUE((*opened)->commit(more, durability::synced, outcomes));
  }
  change("PRAGMA wal_checkpoint(TRUNCATE)");
  lose_newest_page();
  const auto report = salvaged();
  EXPECT_GT(report.facts, 400U);
  EXPECT_EQ(saved_.back(), static_cast<std::int64_t>(report.facts));
  EXPECT_EQ(report.lost, 0) << "of what stood behind nobody knows whether it was there";
}

TEST_F(salvage_test, finds_nothing_in_what_is_no_database) {
  ASSERT_TRUE(files_.write_durably(path_, "no database at all"));
  EXPECT_EQ(salvaged().facts, 0U);
  ASSERT_TRUE(files_.remove(path_));
  EXPECT_EQ(salvaged().facts, 0U);
}

}  // namespace
}  // namespace nine::journal::stores
