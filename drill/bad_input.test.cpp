// What people get wrong, and homes that cannot be used: told at once, with what to do.

#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "drill/shell.hpp"

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

TEST(bad_input, what_is_no_task_id_is_told_before_anything_is_started) {
  home place;
  const std::vector<std::string> commands[] = {
      {"task", "show"},    {"task", "wait"}, {"task", "cancel"},   {"task", "retry"},
      {"task", "explain"}, {"logs"},         {"logs", "--follow"}, {"events", "--task"},
  };
  for (const std::string id : {"t1 x", "", "t1/logs", "../status", "t1\r\nx", "x", "t0"}) {
    for (auto words : commands) {
      words.push_back(id);
      const auto ended = place.nine(words);
      EXPECT_EQ(ended.exit_code, 2) << words.front() << " '" << id << "': " << ended.err;
      EXPECT_TRUE(ended.err.contains("is not a task id; they look like t12")) << ended.err;
      EXPECT_EQ(ended.out, "");
    }
  }
  EXPECT_FALSE(exists(place.root() + "/journal.db")) << "the home was started";
}

TEST(bad_input, no_word_is_swallowed) {
  home place;
  const std::pair<std::string, std::string> table[] = {
      {"nine task list -- t1", "'--'"},
      {"nine status --", "'--'"},
      {"nine run 'do it' --", "no program behind '--'"},
      {"nine run fix the test", "nine run \"fix the test\""},
      {"nine guard now", "takes no arguments"},
      {"nine core --now", "takes no arguments"},
      {"nine model-agent x", "takes no arguments"},
      {"nine sim-model --prot 1", "'--port'"},
      {"nine run '' -- true", "the text of the task is empty"},
      {"nine run 'do it' --timeout 366d -- true", "1s to 365d"},
      {"nine run 'do it' --attempt-timeout 366d -- true", "100ms to 365d"},
      {"nine run 'do it' --retries 4 -- true", "0 to 3"},
      {"nine run 'do it' --agent \"$(printf '\\377')\"", "the agent's name"},
      {"nine run 'do it' --env \"$(printf '\\377=x')\" -- true", "a variable"},
      {"nine run 'do it' --env \"X=$(printf '\\377')\" -- true", "a variable"},
      {"nine run 'do it' --prompt \"$(printf '\\377')\" -- true", "'stdin'"},
  };
  for (const auto& [script, said] : table) {
    const auto ended = shell(place, script);
    EXPECT_EQ(ended.exit_code, 2) << script << ": " << ended.err;
    EXPECT_TRUE(ended.err.contains(said)) << script << ": " << ended.err;
    EXPECT_EQ(ended.out, "") << script;
  }
}

TEST(bad_input, help_needs_no_home_and_starts_nothing) {
  home place;
  for (const std::string words : {"--help", "--version", "guard --help", "core --help"}) {
    const auto ended = shell(place, "unset HOME NINE_HOME; exec timeout 60 nine " + words);
    EXPECT_EQ(ended.exit_code, 0) << words << ": " << ended.err;
    EXPECT_NE(ended.out, "") << words;
  }
}

// proves: S16
TEST(bad_input, a_run_in_a_stopped_home_starts_nothing) {
  home place;
  ASSERT_EQ(place.nine({"run", "one", "--", "true"}).exit_code, 0);
  ASSERT_EQ(place.nine({"down", "--reason", "for the night"}).exit_code, 0);
  for (const auto& words :
       {std::vector<std::string>{"run", "two words", "--", "true"}, {"run", "comit-message"}}) {
    const auto refused = place.nine(words);
    EXPECT_EQ(refused.exit_code, 1) << refused.err;
    EXPECT_TRUE(refused.err.contains("for the night")) << refused.err;
    EXPECT_TRUE(refused.err.contains("'nine up'")) << refused.err;
    EXPECT_TRUE(exists(place.root() + "/stopped"));
    EXPECT_TRUE(place.all_processes().empty());
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
  const auto log = read_file(place.root() + "/log/guard.log");
  EXPECT_FALSE(log.contains("guard_cannot_start")) << "one start begins one guard: " << log;
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
  // What was begun with 'nine up' is no stopped home any more, whatever came of it.
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
  const auto fresh = place.nine({"up", "--fresh-journal"});
  EXPECT_EQ(fresh.exit_code, 0) << fresh.err;
  EXPECT_TRUE(fresh.err.contains(place.root() + "/damaged-")) << fresh.err;
  EXPECT_TRUE(place.json({"task", "list"}).at("tasks").as_array().empty());
  EXPECT_EQ(place.nine({"run", "two", "--agent", "x"}).exit_code, 2);
  EXPECT_EQ(place.nine({"run", "do it", "--", "echo", "new"}).out, "new\n");
}

// Clients and shims start guards, several at once; one that comes late has the home when the first
// has ended, and its core may open the very files that are being moved.
// proves: P2, S8
TEST(bad_input, guards_that_come_late_neither_meet_a_journal_that_is_moved_nor_keep_it_there) {
  for (int time = 0; time < 5; ++time) {
    used_home place;
    place.expect_ending(refused_the_home);
    change_journal(place, "UPDATE facts SET body = x'00' WHERE sequence = 2");
    EXPECT_EQ(place.nine({"up"}).exit_code, 1);
    const auto late = place.start_script(
        "for guard in 1 2 3 4 5 6 7 8; do \"$0\" guard & sleep 0.02; done; wait");
    const auto fresh = place.nine({"up", "--fresh-journal"});
    ASSERT_EQ(fresh.exit_code, 0) << fresh.err;
    EXPECT_TRUE(fresh.err.contains(place.root() + "/damaged-")) << fresh.err;
    EXPECT_EQ(place.nine({"run", "do it", "--", "echo", "new"}).out, "new\n");
    EXPECT_EQ(place.nine({"down"}).exit_code, 0);
    late->wait();
  }
}

/// Its shims have heard of higher epochs of a core than a journal that is begun anew.
// proves: D3
TEST(bad_input, a_fresh_journal_is_ready_with_its_first_core_although_old_agents_live) {
  home place;
  place.expect_ending(refused_the_home);
  place.give("touch begun; sleep 600");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
  auto core = place.pid("core");
  for (int death = 0; death < 5; ++death) {
    send_signal(core, SIGKILL);
    const auto dead = std::exchange(core, place.pid("core"));
    ASSERT_NE(core, dead);
  }
  const auto guard = place.pid("guard");
  send_signal(guard, SIGSTOP);  // it holds the home, and starts no core
  send_signal(core, SIGKILL);
  for (const auto* file : {"/journal.db-wal", "/journal.db-shm"})
    std::filesystem::remove(place.root() + file);
  write_file(place.root() + "/journal.db", std::string(8192, 'x'));
  const auto log = read_file(place.root() + "/log/core.log").size();
  send_signal(guard, SIGKILL);
  EXPECT_EQ(place.nine({"up"}).exit_code, 1) << "it is damaged";
  const auto fresh = place.nine({"up", "--fresh-journal"});
  EXPECT_EQ(fresh.exit_code, 0) << fresh.err;
  const auto said = read_file(place.root() + "/log/core.log").substr(log);
  EXPECT_FALSE(said.contains("fenced") || said.contains("serves a newer core")) << said;
  EXPECT_EQ(place.nine({"run", "do it", "--", "echo", "new"}).out, "new\n");
}

// At night, with agents that burn money: no core can be had, and they are to end.
// proves: S8
TEST(bad_input, agents_of_a_home_whose_journal_is_damaged_can_be_ended_and_go_on_with_its_copy) {
  home place;
  place.expect_ending(refused_the_home);
  const auto id = place.give("[ -e begun ] || { touch begun; exec sleep 600; }; echo done");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
  send_signal(place.pid("core"), SIGSTOP);
  const auto copy = place.root() + "/copy";
  std::filesystem::create_directory(copy);
  for (const auto* file : {"/journal.db", "/journal.db-wal"}) {
    std::filesystem::copy_file(place.root() + file, copy + file);
    write_file(place.root() + file, std::string(8192, 'x'));
  }
  for (const auto pid : place.all_processes()) {
    const auto role = role_of(pid);
    if (role == "guard" || role == "core") send_signal(pid, SIGKILL);
  }
  const auto down = place.nine({"down"});
  EXPECT_EQ(down.exit_code, 0) << down.err;
  EXPECT_TRUE(down.err.contains("damaged")) << down.err;
  EXPECT_EQ(down.out, "stopped; agents ended without a core: 1\n");
  EXPECT_TRUE(eventually([&] { return place.all_processes().empty(); }));
  EXPECT_EQ(text(place.json({"status"}), "state"), "stopped");

  std::filesystem::remove(place.root() + "/journal.db-shm");
  for (const auto* file : {"/journal.db", "/journal.db-wal"})
    write_file(place.root() + file, read_file(copy + file));
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  EXPECT_EQ(text(place.wait(id), "result"), "done");
}

// proves: X4
TEST(bad_input, a_journal_that_is_no_database_is_refused_and_can_be_set_aside) {
  used_home place;
  place.expect_ending(refused_the_home);
  change_journal(place, "PRAGMA wal_checkpoint(TRUNCATE)");  // the log alone would do
  write_file(place.root() + "/journal.db", std::string(8192, 'x'));
  const auto refused = place.nine({"up"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.err.contains("damaged")) << refused.err;
  EXPECT_EQ(place.nine({"up", "--fresh-journal"}).exit_code, 0);
}

/// Zeros in the place of a table's last page, as of a block that the disk lost.
void lose_page_of(const home& place, const std::string& table) {
  change_journal(place, "PRAGMA wal_checkpoint(TRUNCATE)");
  const auto file = place.root() + "/journal.db";
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  const auto query = "SELECT pageno FROM dbstat WHERE name = '" + table +
                     "' AND pagetype = 'leaf' ORDER BY path DESC LIMIT 1";
  int page = 0;
  const auto take = [](void* into, int, char** columns, char**) {
    *static_cast<int*>(into) = std::atoi(columns[0]);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database, query.c_str(), take, &page, nullptr), SQLITE_OK);
  sqlite3_close(database);
  ASSERT_GT(page, 1);
  constexpr std::ptrdiff_t page_bytes = 4096;
  auto content = read_file(file);
  std::fill_n(content.begin() + (page - 1) * page_bytes, page_bytes, '\0');
  write_file(file, content);
}

// proves: P2
TEST(bad_input, a_journal_damaged_beside_its_facts_is_refused_too_and_all_of_them_are_saved) {
  for (const auto* table : {"task_heads", "unique_keys"}) {
    SCOPED_TRACE(table);
    used_home place;
    // Tasks that ended long ago, so that the page is not one that each opening reads.
    change_journal(place,
                   "WITH RECURSIVE old(task) AS (SELECT 1000 UNION ALL SELECT task + 1 FROM old "
                   "WHERE task < 3000) INSERT INTO task_heads SELECT task, 1, 1, 1, 0 FROM old");
    lose_page_of(place, table);
    place.expect_ending(refused_the_home);
    place.nine({"up"});  // which may find nothing wrong yet
    const auto refused = place.nine({"run", "two", "--", "true"});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_TRUE(refused.err.contains("damaged")) << refused.err;
    EXPECT_TRUE(refused.err.contains(" 0 are lost")) << refused.err;
    EXPECT_TRUE(refused.err.contains("nine up --fresh-journal")) << refused.err;
    EXPECT_TRUE(read_file(place.root() + "/salvaged/facts-1.jsonl").contains("first result"));
    EXPECT_TRUE(eventually([&] { return place.all_processes().empty(); }));
    EXPECT_EQ(place.nine({"down"}).exit_code, 0);
    const auto fresh = place.nine({"up", "--fresh-journal"});
    EXPECT_EQ(fresh.exit_code, 0) << fresh.err;
    EXPECT_EQ(place.nine({"run", "do it", "--", "echo", "new"}).out, "new\n");
  }
}

// proves: P2
TEST(bad_input, a_core_whose_journal_is_damaged_while_it_runs_says_so_and_ends) {
  used_home place;
  place.expect_ending(refused_the_home);
  lose_page_of(place, "unique_keys");
  ASSERT_TRUE(place.nine({"up"}).exit_code <= 1);  // it may have met the damage by now
  EXPECT_TRUE(eventually([&] { return place.all_processes().empty(); }));
  EXPECT_TRUE(place.nine({"logs", "--core"}).out.contains("damaged"));
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
