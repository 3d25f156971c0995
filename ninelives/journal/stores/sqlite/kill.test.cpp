// A process that writes a journal, killed at random moments, or with system calls that fail: what
// it acknowledged on its standard output is there, once and without gaps.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"

namespace nine::journal {
namespace {

using environment::real_files;
using environment::testing::temporary_directory;
using stores::sqlite_store;

constexpr const char* path_variable = "NINE_TEST_JOURNAL";
constexpr const char* count_variable = "NINE_TEST_COMMITS";

void say(const std::string& line) {
  const std::string text = line + "\n";
  ASSERT_EQ(::write(STDOUT_FILENO, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

/// The child. One line per acknowledged transaction: "acknowledged LAST"; "failed" per failure.
TEST(journal_writer_process, DISABLED_writes_until_it_is_killed) {
  const char* path = ::getenv(path_variable);
  ASSERT_NE(path, nullptr) << "only to be started by the tests below";
  const int commits = std::atoi(::getenv(count_variable));
  real_files files;
  auto opened = sqlite_store::open(files, {.path = path, .log_pages_due = 16});
  while (!opened) {
    say("failed " + opened.error().message);
    opened = sqlite_store::open(files, {.path = path, .log_pages_due = 16});
  }
  store& journal = **opened;
  const auto claim = journal.claim();
  if (!claim) return say("failed " + claim.error().message);
  sequence last = *journal.last_sequence();
  for (int i = 0; i < commits; ++i) {
    std::vector<record> records;
    for (int j = 0; j <= i % 7; ++j) {
      records.push_back({.task = task_id(1 + j % 3),
                         .kind = "k",
                         .body = std::to_string(last.value() + 1 + j),
                         .unique_key = ""});
    }
    const sequence goal(last.value() + static_cast<std::int64_t>(records.size()));
    for (int tries = 0; last != goal; ++tries) {
      ASSERT_LT(tries, 100);
      std::vector<record_outcome> outcomes;
      const auto done = journal.commit(records, durability::synced, outcomes);
      if (!done) {
        say("failed " + done.error().message);
        if (!journal.reopen()) continue;
        std::vector<record_outcome> none;
        if (!journal.commit({}, durability::synced, none)) continue;
      }
      last = *journal.last_sequence();
    }
    say("acknowledged " + std::to_string(last.value()));
    if (journal.maintenance_due() && !journal.maintain()) say("failed maintenance");
  }
}

class child_process {
 public:
  child_process(std::vector<std::string> wrapper, const std::filesystem::path& journal,
                int commits) {
    wrapper.push_back(std::filesystem::read_symlink("/proc/self/exe"));
    wrapper.push_back("--gtest_also_run_disabled_tests");
    wrapper.push_back("--gtest_filter=journal_writer_process.*");
    std::vector<char*> arguments;
    for (std::string& one : wrapper)
      arguments.push_back(one.data());
    arguments.push_back(nullptr);
    std::vector<std::string> variables{std::string(path_variable) + "=" + journal.string(),
                                       std::string(count_variable) + "=" + std::to_string(commits),
                                       "PATH=/usr/bin:/bin", "ASAN_OPTIONS=detect_leaks=0"};
    std::vector<char*> environment;
    for (std::string& one : variables)
      environment.push_back(one.data());
    environment.push_back(nullptr);
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    EXPECT_EQ(::posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(),
                             environment.data()),
              0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
  }
  ~child_process() {
    if (pid_ > 0) finish(true);
    ::fclose(output_);
  }

  /// False at the end of its output.
  bool read_line() {
    char line[512];
    if (::fgets(line, sizeof line, output_) == nullptr) return false;
    std::istringstream words(line);
    std::string word;
    std::int64_t number = 0;
    words >> word;
    if (word == "acknowledged" && line[std::char_traits<char>::length(line) - 1] == '\n' &&
        words >> number) {
      acknowledged = sequence(number);
    }
    if (word == "failed") ++failures;
    return true;
  }

  /// Its wait status.
  int finish(bool kill) {
    if (kill) ::kill(pid_, SIGKILL);
    while (read_line()) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return status;
  }

  sequence acknowledged;
  int failures = 0;

 private:
  pid_t pid_ = 0;
  FILE* output_ = nullptr;
};

/// Every fact from 1 to the last is there, once, and says its own number.
sequence check(const std::filesystem::path& path) {
  real_files files;
  auto opened = sqlite_store::open(files, {.path = path});
  EXPECT_TRUE(opened) << opened.error().message;
  const auto facts = (*opened)->read_after(sequence(0), 10'000'000);
  EXPECT_TRUE(facts) << facts.error().message;
  std::int64_t expected = 0;
  for (const fact& one : *facts) {
    ++expected;
    EXPECT_EQ(one.number.value(), expected);
    EXPECT_EQ(one.body, std::to_string(expected));
  }
  std::size_t in_tasks = 0;
  for (int task = 1; task <= 3; ++task)
    in_tasks += (*opened)->read_task(task_id(task))->size();
  EXPECT_EQ(in_tasks, facts->size());
  EXPECT_EQ((*opened)->last_sequence(), sequence(expected));
  return sequence(expected);
}

TEST(sqlite_store_killed, keeps_what_it_acknowledged) {
  temporary_directory directory;
  const auto path = directory / "journal";
  std::uint32_t chance = 12345;
  sequence acknowledged;
  for (int kill = 0; kill < 40; ++kill) {
    SCOPED_TRACE(kill);
    child_process child({}, path, 1'000'000);
    chance = chance * 1664525 + 1013904223;
    const int lines = static_cast<int>(chance >> 16) % 150;  // 0: while it starts
    for (int i = 0; i < lines && child.read_line(); ++i) {
    }
    child.finish(true);
    acknowledged = std::max(acknowledged, child.acknowledged);
    EXPECT_GE(check(path), acknowledged);
    if (HasFailure()) return;
  }
  EXPECT_GT(acknowledged, sequence(1'000));
}

bool can_trace() {
  return std::system("strace -o /dev/null true >/dev/null 2>&1") == 0;
}

class with_failing_system_calls : public testing::TestWithParam<const char*> {};

TEST_P(with_failing_system_calls, keeps_what_it_acknowledged) {
  if (!can_trace()) GTEST_SKIP() << "strace is missing or may not trace processes here";
  temporary_directory directory;
  const auto path = directory / "journal";
  child_process child(
      {"strace", "-f", "-o", "/dev/null", "-e", std::string("inject=") + GetParam()}, path, 60);
  const int status = child.finish(false);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_GT(child.failures, 0) << "nothing failed: the injection missed";
  EXPECT_EQ(check(path), child.acknowledged);
}

INSTANTIATE_TEST_SUITE_P(of_the_disk, with_failing_system_calls,
                         testing::Values("fdatasync:error=EIO:when=7+9",
                                         "pwrite64:error=ENOSPC:when=40+31",
                                         "pwrite64:error=EIO:when=35+29"));

}  // namespace
}  // namespace nine::journal
