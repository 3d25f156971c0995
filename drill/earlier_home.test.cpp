// A home that an earlier program left behind, its processes killed and its machine started anew:
// drill/home_of_format_2 holds what was on disk (the journal as SQL). Its clock was 70 years ahead,
// so that nothing in it ever expires or is over time.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>

#include "drill/agent_access.hpp"
#include "drill/home.hpp"

namespace nine::drill {
namespace {

namespace fs = std::filesystem;

const std::string kept = std::string(NINE_SOURCE_DIRECTORY) + "/drill/home_of_format_2";

/// As private as a home's files are; git keeps no such modes.
void copy_home(const std::string& root) {
  for (const auto& entry : fs::recursive_directory_iterator(kept)) {
    const auto target = root / fs::relative(entry.path(), kept);
    if (entry.is_directory()) {
      fs::create_directories(target);
    } else {
      fs::copy_file(entry.path(), target);
    }
    fs::permissions(target, entry.is_directory() ? fs::perms::owner_all
                                                 : fs::perms::owner_read | fs::perms::owner_write);
  }
}

void make_journal(const std::string& root) {
  sqlite3* opened = nullptr;
  const int good = sqlite3_open((root + "/journal.db").c_str(), &opened);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(opened, &sqlite3_close);
  ASSERT_EQ(good, SQLITE_OK);
  const auto sql = read_file(kept + "/journal.sql");
  ASSERT_EQ(sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(opened);
}

// proves: P2
TEST(earlier_home, its_results_are_there_and_what_was_unfinished_goes_on) {
  home place;
  copy_home(place.root());
  make_journal(place.root());
  ASSERT_EQ(place.nine({"up"}).exit_code, 0);

  struct ending {
    std::string task, status, result;
    int attempts;
  };
  const ending endings[] = {{"t1", "succeeded", "say hello, world", 1},
                            {"t2", "succeeded", "attempt 2", 2},
                            {"t3", "failed", "", 1},
                            {"t4", "cancelled", "", 1},
                            {"t5", "succeeded", std::string(200'000, 'x'), 1}};
  for (const auto& [id, status, result, attempts] : endings) {
    const auto task = place.task(id);
    EXPECT_EQ(text(task, "status"), status) << id;
    EXPECT_EQ(text(task, "result"), result) << id;
    EXPECT_EQ(task.at("attempts").to_number<int>(), attempts) << id;
  }

  const auto shim = place.root() + "/shims/t6.a1";
  ASSERT_TRUE(eventually([&] { return exists(shim + "/told2"); })) << "its second life";
  ASSERT_TRUE(eventually([&] { return !read_access(shim + "/told2").token.empty(); }));
  const auto life = read_access(shim + "/told2");
  const auto paid = begin(life, "pay");
  EXPECT_EQ(verdict(paid), "finished");
  EXPECT_EQ(text(paid, "result"), "paid");
  EXPECT_EQ(verdict(begin(life, "ship")), "uncertain");
  write_file(shim + "/go", "");
  const auto task = place.wait("t6");
  EXPECT_EQ(text(task, "result"), "life 2");
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1);
  EXPECT_EQ(task.at("uncertain"), boost::json::array{"ship"});
  EXPECT_EQ(task.at("cost").at("input_tokens").to_number<int>(), 7);
}

}  // namespace
}  // namespace nine::drill
