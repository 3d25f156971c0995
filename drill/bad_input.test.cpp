// What people get wrong, and homes that cannot be used: told at once, with what to do.

#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>

#include "drill/home.hpp"

namespace nine::drill {
namespace {

// proves: R1
TEST(bad_input, a_program_that_cannot_run_is_told_at_once_and_not_tried_again) {
  home place;
  write_file(place.mark("no-program"), "text");
  ::mkdir(place.mark("directory").c_str(), 0700);
  const std::pair<std::string, std::string> table[] = {
      {"/nonexistent/program", "No such file"},
      {"no-such-program", "no-such-program"},
      {"./no-program", "Permission denied"},
      {"./directory", "Permission denied"},
  };
  for (const auto& [program, said] : table) {
    const auto ended = place.nine({"run", "do it", "--json", "--", program});
    EXPECT_EQ(ended.exit_code, 1) << program;
    const auto task = boost::json::parse(ended.out).as_object();
    EXPECT_EQ(task.at("attempts").to_number<int>(), 1) << ended.out;
    EXPECT_EQ(task.at("restarts").to_number<int>(), 0) << ended.out;
    EXPECT_TRUE(text(task, "reason").contains(program)) << ended.out;
    EXPECT_TRUE(text(task, "reason").contains(said)) << ended.out;
  }
}

TEST(bad_input, an_unknown_name_is_told_with_the_nearest_known_one) {
  home place;
  const std::pair<std::vector<std::string>, std::string> table[] = {
      {{"run", "comit-message"}, "'commit-message'"},
      {{"run", "do it", "--agent", "modl"}, "'model'"},
      {{"run", "do it", "--agnet", "x"}, "'--agent'"},
      {{"run", "do it", "--prompt", "stdn", "--", "cat"}, "'stdin'"},
      {{"run", "do it", "--result", "exitcode", "--", "cat"}, "'exit_code'"},
      {{"staus"}, "'status'"},
      {{"task", "shwo", "t1"}, "'show'"},
      {{"run"}, "text is required; 'nine run --help'"},
      {{"task", "show"}, "id is required; 'nine task show --help'"},
      {{"run", "do it", "--timeout", "soon", "--", "cat"}, "30s, 10m, 2h"},
      {{"run", "do it", "--timeout", "300ms", "--", "cat"}, "1s to 365d"},
  };
  for (const auto& [words, said] : table) {
    const auto ended = place.nine(words);
    EXPECT_EQ(ended.exit_code, 2) << words.back() << ": " << ended.err;
    EXPECT_TRUE(ended.err.contains(said)) << ended.err;
    EXPECT_EQ(ended.out, "");
  }
}

// Into a file, as into a pipe: what a program has not flushed when it ends is lost there.
TEST(bad_input, who_asks_for_help_gets_it_and_who_says_nothing_too) {
  home place;
  const std::pair<std::vector<std::string>, std::string> table[] = {
      {{"--help"}, "doctor"},        {{"help"}, "doctor"},
      {{"run", "--help"}, "--gate"}, {{"sim-model", "--help"}, "--script"},
      {{"--version"}, "nine 0."},
  };
  for (const auto& [words, said] : table) {
    const auto ended = place.nine(words);
    EXPECT_EQ(ended.exit_code, 0) << words.front();
    EXPECT_TRUE(ended.out.contains(said)) << ended.out;
  }
  const auto ended = place.nine({});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_TRUE(ended.err.contains("doctor")) << ended.err;
}

TEST(bad_input, an_unknown_key_of_a_project_is_told_with_its_place) {
  home place;
  write_file(place.mark("nine.yaml"), "agents:\n  mine:\n    comand: [x]\n");
  const auto ended = place.nine({"run", "do it", "--agent", "mine"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_TRUE(ended.err.contains("nine.yaml:3:5")) << ended.err;
  EXPECT_TRUE(ended.err.contains("'command'")) << ended.err;
}

// proves: S8
TEST(bad_input, a_second_start_says_who_runs_the_home) {
  home place;
  ASSERT_EQ(place.nine({"up"}).exit_code, 0);
  const auto again = place.nine({"up"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_TRUE(again.err.contains("guard " + std::to_string(place.pid("guard")))) << again.err;
  const auto guard = place.nine({"guard"});
  EXPECT_EQ(guard.exit_code, 1);
  EXPECT_TRUE(guard.err.contains(std::to_string(place.pid("guard")))) << guard.err;
}

TEST(bad_input, stopping_a_home_that_never_was_makes_none) {
  home place;
  place.set("NINE_HOME", place.mark("nowhere"));
  const auto ended = place.nine({"down"});
  place.set("NINE_HOME", place.root());
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(ended.out.contains("no home")) << ended.out;
  EXPECT_FALSE(exists(place.mark("nowhere")));
}

// --- homes that cannot be used ---

void change_journal(const home& place, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((place.root() + "/journal.db").c_str(), &database), SQLITE_OK);
  char* problem = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &problem), SQLITE_OK) << problem;
  sqlite3_close(database);
}

constexpr auto refused_the_home = "exit code 4";

/// A home that did a task and was stopped.
struct used_home : home {
  used_home() {
    EXPECT_EQ(nine({"run", "one", "--", "echo", "first result"}).exit_code, 0);
    EXPECT_EQ(nine({"down"}).exit_code, 0);
  }
};

TEST(bad_input, a_home_of_a_newer_version_is_refused_with_what_to_do) {
  used_home place;
  place.expect_ending(refused_the_home);
  change_journal(place, "PRAGMA user_version = 99");
  for (const auto& words : {std::vector<std::string>{"up"}, {"run", "x y", "--", "true"}}) {
    const auto ended = place.nine(words);
    EXPECT_EQ(ended.exit_code, 1) << ended.err;
    EXPECT_TRUE(ended.err.contains("format 99")) << ended.err;
    EXPECT_TRUE(ended.err.contains("use the newer Ninelives")) << ended.err;
  }
  EXPECT_TRUE(place.nine({"doctor"}).out.contains("format 99"));
  EXPECT_TRUE(eventually([&] { return place.all_processes().empty(); }));
}

// proves: P2
TEST(bad_input, a_damaged_journal_is_saved_aside_and_a_fresh_one_begun_only_on_request) {
  used_home place;
  place.expect_ending(refused_the_home);
  change_journal(place, "UPDATE facts SET body = x'00' WHERE sequence = 2");
  change_journal(place, "PRAGMA wal_checkpoint(TRUNCATE)");
  const auto before = read_file(place.root() + "/journal.db");
  for (int time = 0; time < 2; ++time) {
    const auto refused = place.nine({"up"});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_TRUE(refused.err.contains("damaged")) << refused.err;
    EXPECT_TRUE(refused.err.contains("1 are lost")) << refused.err;
    EXPECT_TRUE(refused.err.contains("nine up --fresh-journal")) << refused.err;
  }
  const auto saved = read_file(place.root() + "/salvaged/facts-1.jsonl");
  EXPECT_TRUE(saved.contains("task_accepted"));
  EXPECT_TRUE(saved.contains("first result"));
  EXPECT_TRUE(read_file(place.root() + "/journal.db") == before) << "the journal was touched";
  // The guard that refused the home may be about to end still, and counts as running until then.
  ASSERT_TRUE(eventually([&] { return place.all_processes().empty(); }));
  const auto fresh = place.nine({"up", "--fresh-journal"});
  EXPECT_EQ(fresh.exit_code, 0) << fresh.err;
  EXPECT_TRUE(fresh.err.contains(place.root() + "/damaged-")) << fresh.err;
  EXPECT_TRUE(place.json({"task", "list"}).at("tasks").as_array().empty());
  EXPECT_EQ(place.nine({"run", "two", "--agent", "x"}).exit_code, 2);
  EXPECT_EQ(place.nine({"run", "do it", "--", "echo", "new"}).out, "new\n");
}

// proves: X4
TEST(bad_input, a_journal_that_is_no_database_is_refused_and_can_be_set_aside) {
  used_home place;
  place.expect_ending(refused_the_home);
  change_journal(place, "PRAGMA wal_checkpoint(TRUNCATE)");  // the log alone would do
  write_file(place.root() + "/journal.db", std::string(8192, 'x'));
  const auto refused = place.nine({"run", "do it", "--", "true"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.err.contains("damaged")) << refused.err;
  EXPECT_EQ(place.nine({"up", "--fresh-journal"}).exit_code, 0);
}

TEST(bad_input, a_healthy_journal_is_not_set_aside) {
  home place;
  ASSERT_EQ(place.nine({"up"}).exit_code, 0);
  EXPECT_TRUE(place.nine({"up", "--fresh-journal"}).err.contains("this home runs"));
  ASSERT_EQ(place.nine({"down"}).exit_code, 0);
  const auto refused = place.nine({"up", "--fresh-journal"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.err.contains("nothing was done")) << refused.err;
}

}  // namespace
}  // namespace nine::drill
