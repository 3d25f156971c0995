#include "ninelives/environment/real/real_processes.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/environment/real/real_environment.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/environment/real/this_program.hpp"

namespace nine::environment {
namespace {

using boost::asio::awaitable;
using namespace boost::asio::experimental::awaitable_operators;

struct world {
  real_environment real;
  real_processes processes{real.executor()};
  testing::temporary_directory directory;

  process_specification shell(const std::string& script) const {
    process_specification what;
    what.arguments = {"/bin/sh", "-c", script};
    what.environment = {"PATH=/usr/bin:/bin"};
    what.directory = directory.path();
    what.log = directory / "log";
    return what;
  }
  exit_status wait(const process_identity& process) {
    return testing::run(real.context(), processes.wait(process));
  }
  std::string log() { return real.files().read(directory / "log", MiB).value_or("no log"); }
};

TEST(real_processes, a_child_runs_as_specified_and_its_exit_is_told) {
  world w;
  const auto child = w.processes.spawn(w.shell("pwd; echo $PATH; echo err >&2; exit 7"));
  ASSERT_TRUE(child) << child.error().message;
  EXPECT_EQ(w.wait(*child), exit_status::exited(7));
  EXPECT_EQ(w.log(), w.directory.path().string() + "\n/usr/bin:/bin\nerr\n");
  EXPECT_EQ(w.processes.probe(*child), liveness::gone);
}

TEST(real_processes, a_child_is_in_a_session_of_its_own) {
  world w;
  const auto child = w.processes.spawn(w.shell("cut -d' ' -f1,5,6 /proc/$$/stat"));
  ASSERT_TRUE(child);
  w.wait(*child);
  const auto pid = std::to_string(child->pid);
  EXPECT_EQ(w.log(), pid + " " + pid + " " + pid + "\n");
}

// The parent may open more; programs that use select(2) must not be handed higher numbers.
TEST(real_processes, children_keep_the_limit_of_open_files_their_parent_was_given) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{.rlim_cur = 300, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  allow_many_files();
  rlimit raised{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &raised), 0);
  EXPECT_EQ(raised.rlim_cur, before.rlim_max);
  world w;
  const auto child = w.processes.spawn(w.shell("ulimit -n"));
  ASSERT_TRUE(child);
  w.wait(*child);
  EXPECT_EQ(w.log(), "300\n");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(real_processes, an_exit_that_came_before_anybody_waited_is_kept) {
  world w;
  const auto first = w.processes.spawn(w.shell("exit 1"));
  const auto second = w.processes.spawn(w.shell("exit 2"));
  EXPECT_EQ(w.wait(*second), exit_status::exited(2));
  EXPECT_EQ(w.wait(*first), exit_status::exited(1));
  EXPECT_EQ(w.wait(*first), exit_status()) << "told once; gone all the same";
}

TEST(real_processes, what_cannot_be_started_is_an_error_at_once) {
  world w;
  auto what = w.shell("");
  what.arguments = {"/no/such/program"};
  EXPECT_EQ(w.processes.spawn(what).error(),
            (error{error_code::not_found, "start /no/such/program: No such file or directory"}));
  what.arguments = {"/etc/passwd"};
  EXPECT_EQ(w.processes.spawn(what).error().code, error_code::permission_denied);
  what = w.shell("");
  what.directory = "/no/such/directory";
  EXPECT_EQ(w.processes.spawn(what).error().code, error_code::not_found);
}

/// While it lives, exactly so many more files can be opened.
class room_for_files {
 public:
  explicit room_for_files(std::size_t count) {
    std::vector<system::descriptor> lowest;
    while (lowest.size() < count)
      lowest.emplace_back(::dup(STDIN_FILENO));
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{.rlim_cur = static_cast<rlim_t>(lowest.back().get()) + 1,
                     .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~room_for_files() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  room_for_files(const room_for_files&) = delete;
  room_for_files& operator=(const room_for_files&) = delete;

 private:
  rlimit before_{};
};

TEST(real_processes, a_start_that_is_told_to_have_failed_leaves_nothing_that_runs) {
  world w;
  w.wait(*w.processes.spawn(w.shell("exit 0")));  // what is opened once is open
  auto what = w.shell("exec sleep 60");
  what.environment.push_back("NINE_TEST=" + w.directory.path().string());
  for (std::size_t files = 0; files < 4; ++files) {
    result<process_identity> child;
    {
      const room_for_files few(files + 1);
      child = w.processes.spawn(what);
    }
    if (child) {
      ASSERT_TRUE(w.processes.signal(*child, SIGKILL));
      w.wait(*child);
      continue;
    }
    EXPECT_EQ(child.error().code, error_code::resource_exhausted) << child.error().message;
    EXPECT_TRUE(w.processes.find_marked(what.environment.back())->empty()) << files;
    siginfo_t ended{};
    ::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT | __WALL);
    EXPECT_EQ(ended.si_pid, 0) << "a zombie is left";
  }
}

TEST(real_processes, a_signal_reaches_exactly_the_process_meant) {
  world w;
  const auto child = w.processes.spawn(w.shell("exec sleep 1000"));
  ASSERT_TRUE(child);
  EXPECT_EQ(w.processes.probe(*child), liveness::alive);
  EXPECT_EQ(w.processes.identify(child->pid), *child);
  auto other = *child;
  other.start_time += 1;
  EXPECT_EQ(w.processes.probe(other), liveness::gone);
  EXPECT_EQ(w.processes.signal(other, SIGKILL).error().code, error_code::not_found);
  auto before_reboot = *child;
  before_reboot.boot_id = "another";
  EXPECT_EQ(w.processes.probe(before_reboot), liveness::gone);
  EXPECT_EQ(w.processes.probe(*child), liveness::alive);
  EXPECT_TRUE(w.processes.signal(*child, SIGKILL));
  EXPECT_EQ(w.wait(*child), exit_status::signalled(SIGKILL));
  EXPECT_EQ(w.processes.signal(*child, SIGKILL).error().code, error_code::not_found);
}

awaitable<int> wait_until_cancelled(processes& processes, process_identity child, clock& clock) {
  auto ended = co_await (processes.wait(child) || clock.sleep_for(1ms));
  co_return static_cast<int>(ended.index());
}

TEST(real_processes, waiting_can_be_cancelled_and_begun_anew) {
  world w;
  const auto child = w.processes.spawn(w.shell("exec sleep 1000"));
  ASSERT_TRUE(child);
  const auto which =
      testing::run(w.real.context(), wait_until_cancelled(w.processes, *child, w.real.clock()));
  EXPECT_EQ(which, 1);
  ASSERT_TRUE(w.processes.signal(*child, SIGTERM));
  EXPECT_EQ(w.wait(*child), exit_status::signalled(SIGTERM));
}

TEST(real_processes, marked_processes_are_found) {
  world w;
  auto what = w.shell("exec sleep 1000");
  what.environment.push_back("NINE_TEST=" + w.directory.path().string());
  const auto marker = what.environment.back();
  EXPECT_TRUE(w.processes.find_marked(marker)->empty());
  const auto child = w.processes.spawn(what);
  ASSERT_TRUE(child);
  auto found = w.processes.find_marked(marker);
  while (found->empty())
    found = w.processes.find_marked(marker);  // the shell executes sleep
  EXPECT_EQ(*found, std::vector{*child});
  EXPECT_TRUE(w.processes.find_marked(marker.substr(0, marker.size() - 1))->empty());
  ASSERT_TRUE(w.processes.signal(*child, SIGKILL));
  w.wait(*child);
  EXPECT_TRUE(w.processes.find_marked(marker)->empty());
}

TEST(real_processes, listeners_are_handed_over_under_their_names) {
  world w;
  auto one = w.real.network().listen(unix_endpoint{w.directory / "one"});
  auto two = w.real.network().listen(unix_endpoint{w.directory / "two"});
  ASSERT_TRUE(one && two);
  auto what = w.shell(
      "test $LISTEN_PID -eq $$ && echo $LISTEN_FDS $LISTEN_FDNAMES;"
      "for n in 0 1 2 3 4 5 6; do test -e /proc/$$/fd/$n && echo -n \"$n \"; done;"
      "test -S /proc/$$/fd/3 && test -S /proc/$$/fd/4");
  what.listeners = {{"one", one->get()}, {"two", two->get()}};
  const auto child = w.processes.spawn(what);
  ASSERT_TRUE(child) << child.error().message;
  w.wait(*child);
  EXPECT_EQ(w.log(), "2 one:two\n0 1 2 3 4 ");
}

TEST(real_processes, ignored_and_blocked_signals_are_not_inherited) {
  world w;
  ::signal(SIGUSR1, SIG_IGN);
  sigset_t set, before;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGUSR2);
  ::sigprocmask(SIG_BLOCK, &set, &before);
  const auto child = w.processes.spawn(w.shell("grep -E 'Sig(Blk|Ign)' /proc/self/status"));
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::signal(SIGUSR1, SIG_DFL);
  ASSERT_TRUE(child);
  w.wait(*child);
  EXPECT_EQ(w.log(), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

awaitable<exit_status> orphan_of(world& w, const std::string& script) {
  const auto parent = w.processes.spawn(w.shell(script));
  const auto parent_exit = co_await w.processes.wait(parent.value());
  EXPECT_EQ(parent_exit, exit_status::exited(0));
  const auto orphan = w.processes.identify(std::stoi(w.log()));
  EXPECT_TRUE(orphan);
  EXPECT_TRUE(w.processes.signal(*orphan, SIGKILL));
  co_return co_await w.processes.wait(*orphan);
}

TEST(real_processes, orphans_are_adopted_and_reaped) {
  world w;
  ASSERT_TRUE(w.processes.adopt_orphans());
  testing::run(w.real.context(), orphan_of(w, "setsid sleep 1000 & echo $!"));
  EXPECT_EQ(w.processes.identify(std::stoi(w.log())).error().code, error_code::not_found)
      << "no zombie is left";
}

}  // namespace
}  // namespace nine::environment
