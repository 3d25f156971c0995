#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "ninelives/environment/real/system/cgroup.hpp"
#include "ninelives/environment/real/system/process_table.hpp"
#include "ninelives/environment/real/system/small_file.hpp"
#include "ninelives/programs/nine_shim/shim_client.hpp"
#include "ninelives/supervision/shim/ending_record.hpp"

// The shipped nine-shim, driven over its socket, with real agents.

namespace nine::supervision::shim::testing {
namespace {

namespace system = environment::system;
using environment::exit_status;
using environment::liveness;
using ::testing::HasSubstr;

std::vector<environment::process_identity> living(const running_shim& shim) {
  return system::find_marked("NINE_CHILD=" + shim.directory()).value();
}

/// Runs an agent to its end.
exited run(const running_shim& shim, shim_client& core, std::int64_t incarnation,
           const std::string& script) {
  core.send(shim.script(incarnation, script));
  core.expect<started>();
  return core.expect<exited>();
}

/// Waits until the agent has made this file (by mkfifo, read here).
std::string word_from(const running_shim& shim, const std::string& fifo) {
  return system::read_file(shim.directory() + "/" + fifo, KiB).value();
}

struct nine_shim : ::testing::Test {
  running_shim shim;
  shim_client core = shim.connect();

  /// The agent says a word through the fifo when it is so far.
  void make_fifo() { ASSERT_EQ(::mkfifo((shim.directory() + "/fifo").c_str(), 0600), 0); }
  std::string word() { return word_from(shim, "fifo"); }
};

TEST_F(nine_shim, runs_an_agent_and_reports_its_exit_with_its_output_complete) {
  EXPECT_EQ(core.hello.shim, shim.identity());
  core.send(shim.script(1, "pwd; echo err >&2; cat; exit 3"));
  const auto begun = core.expect<started>();
  EXPECT_EQ(begun.incarnation, epoch(1));
  EXPECT_EQ(begun.agent.boot_id, system::boot_id());
  const auto ended = core.expect<exited>();
  EXPECT_EQ(ended.exit, exit_status::exited(3));
  EXPECT_EQ(ended.output_bytes, shim.directory().size() + 5);
  EXPECT_EQ(shim.file("out"), shim.directory() + "\n");
  EXPECT_EQ(shim.file("err"), "err\n");
}

// An old shim whose home got a newer program: its agent has run for days.
// proves: S10
TEST_F(nine_shim, serves_a_core_of_a_newer_version_as_one_of_its_own) {
  core.send(shim.script(1, "exec sleep 1000"));
  const auto begun = core.expect<started>();
  auto newer = shim.connect(2, protocol_version + 1);
  EXPECT_EQ(newer.refusal, "");
  EXPECT_EQ(newer.hello.version, protocol_version);
  EXPECT_EQ(newer.hello.agent, begun.agent);
  newer.send(stop{epoch(1), 5'000});
  EXPECT_EQ(newer.expect<exited>().exit, exit_status::signalled(SIGTERM));
}

TEST_F(nine_shim, output_of_both_kinds_into_one_file_keeps_its_order) {
  auto message = shim.script(1, "echo 1; echo 2 >&2; echo 3; echo 4 >&2");
  message.stderr_file = message.stdout_file;
  core.send(message);
  core.expect<started>();
  core.expect<exited>();
  EXPECT_EQ(shim.file("out"), "1\n2\n3\n4\n");
}

TEST_F(nine_shim, a_program_that_cannot_be_started_is_told_with_errno_and_reason) {
  auto message = shim.script(1, "");
  message.arguments = {"no-such-program"};
  core.send(message);
  auto failed = core.expect<start_failed>();
  EXPECT_EQ(failed.error_number, ENOENT);
  EXPECT_EQ(failed.message, "start no-such-program: not found in PATH");
  message.incarnation = epoch(2);
  message.supersedes = epoch(1);
  message.arguments = {"/etc/passwd"};
  core.send(message);
  EXPECT_EQ(core.expect<start_failed>().error_number, EACCES);
  EXPECT_EQ(run(shim, core, 3, "exit 0").exit, exit_status::exited(0)) << "the shim goes on";
}

TEST_F(nine_shim, output_that_no_file_takes_is_told_as_lost) {
  auto message = shim.script(1, "echo result; echo error >&2");
  message.stdout_file = "/no/such/directory/out";
  core.send(message);
  core.expect<started>();
  const auto ended = core.expect<exited>();
  EXPECT_EQ(ended.exit, exit_status::exited(0)) << "an agent never waits or dies for its output";
  EXPECT_EQ(ended.stdout_bytes_lost, 7U);
  EXPECT_EQ(ended.output_bytes, 13U);
  EXPECT_EQ(run(shim, core, 2, "echo result").stdout_bytes_lost, 0U);
}

TEST_F(nine_shim, a_flood_of_output_is_kept_to_the_last_byte_within_the_limit) {
  auto message = shim.script(1, "head -c 20000000 /dev/zero | tr '\\0' x; echo end");
  message.log_bytes_most = MiB;
  core.send(message);
  core.expect<started>();
  EXPECT_EQ(core.expect<exited>().output_bytes, 20'000'004u);
  const auto last = shim.file("out");
  EXPECT_LE(last.size(), MiB);
  EXPECT_TRUE(last.ends_with("xend\n"));
  EXPECT_EQ(shim.file("out.1").size(), MiB);
}

TEST_F(nine_shim, descendants_that_outlive_the_agent_are_ended_before_its_exit_is_told) {
  const auto ended =
      run(shim, core, 1,
          "sleep 1000 & setsid sleep 1000 & (setsid sh -c 'sleep 1000 & sleep 1000' &);"
          "trap '' TERM; env -i setsid sleep 1000 & exit 5");
  EXPECT_EQ(ended.exit, exit_status::exited(5));
  EXPECT_TRUE(living(shim).empty());
  EXPECT_TRUE(system::descendants_of(shim.identity().pid)->empty());
}

TEST_F(nine_shim, killing_one_tree_does_not_harm_the_next_incarnation) {
  for (int i = 1; i < 20; ++i) {
    const auto ended = run(shim, core, i, "setsid sleep 1000 & exit " + std::to_string(i));
    EXPECT_EQ(ended.exit, exit_status::exited(i));
    EXPECT_TRUE(living(shim).empty());
  }
}

TEST_F(nine_shim, a_killed_agent_takes_its_descendants_along) {
  make_fifo();
  core.send(shim.script(1, "setsid sleep 1000 & sleep 1000 & echo up > fifo; sleep 1000"));
  const auto agent = core.expect<started>().agent;
  EXPECT_EQ(word(), "up\n");
  ::kill(agent.pid, SIGKILL);
  EXPECT_EQ(core.expect<exited>().exit, exit_status::signalled(SIGKILL));
  EXPECT_TRUE(living(shim).empty());
}

TEST_F(nine_shim, a_stop_lets_the_agent_end_in_good_order) {
  make_fifo();
  core.send(
      shim.script(1, "trap 'echo bye; exit 9' TERM; echo up > fifo; while :; do sleep 0.01; done"));
  core.expect<started>();
  word();
  core.send(stop{epoch(1), 60'000});
  const auto ended = core.expect<exited>();
  EXPECT_EQ(ended.exit, exit_status::exited(9));
  EXPECT_TRUE(ended.stop_was_asked);
  EXPECT_EQ(shim.file("out"), "bye\n");
}

TEST_F(nine_shim, an_agent_that_ignores_TERM_or_is_stopped_is_killed_after_the_grace_time) {
  make_fifo();
  core.send(shim.script(1, "trap '' TERM; echo up > fifo; while :; do sleep 1000; done"));
  const auto agent = core.expect<started>().agent;
  word();
  ::kill(agent.pid, SIGSTOP);
  core.send(stop{epoch(1), 1});
  EXPECT_EQ(core.expect<exited>().exit, exit_status::signalled(SIGKILL));
  EXPECT_TRUE(living(shim).empty());
}

TEST_F(nine_shim, a_stop_sent_together_with_the_start_is_obeyed) {
  core.send(shim.script(1, "sleep 1000"));
  core.send(stop{epoch(1), 0});
  core.expect<started>();
  EXPECT_EQ(core.expect<exited>().exit, exit_status::signalled(SIGKILL));
}

TEST_F(nine_shim, an_agent_goes_on_without_a_core_and_the_next_one_learns_of_its_end) {
  make_fifo();
  core.send(shim.script(1, "cat fifo; exit 4"));
  const auto agent = core.expect<started>().agent;
  auto second = shim.connect(2);
  EXPECT_THAT(core.expect<refused>().reason, HasSubstr("took over"));
  EXPECT_TRUE(core.closed());
  EXPECT_EQ(second.hello.state, agent_state::running);
  EXPECT_EQ(second.hello.agent, agent);
  ASSERT_TRUE(system::write_to(shim.directory() + "/fifo", "done\n"));
  EXPECT_EQ(second.expect<exited>().exit, exit_status::exited(4));
  auto third = shim.connect(3);
  ASSERT_EQ(third.hello.exits.size(), 1u);
  EXPECT_EQ(third.hello.exits[0].exit, exit_status::exited(4));
  EXPECT_EQ(parse_endings(shim.file("exit")), std::vector<kept_ending>{third.hello.exits[0]});
  third.send(acknowledge_exit{epoch(1)});
  EXPECT_TRUE(shim.connect(3).hello.exits.empty());
  EXPECT_EQ(shim.file("exit"), "");
  EXPECT_THAT(shim.connect(2).refusal, HasSubstr("older"));
}

TEST_F(nine_shim, garbage_closes_the_connection_and_nothing_else) {
  std::mt19937 random(7);
  for (int i = 0; i < 50; ++i) {
    auto stream = system::unix_stream::connect(shim.directory() + "/socket");
    ASSERT_TRUE(stream);
    std::string garbage(random() % 200, '\0');
    for (auto& c : garbage)
      c = static_cast<char>(random());
    (void)stream->write_some(garbage);
  }
  EXPECT_EQ(run(shim, core, 1, "exit 0").exit, exit_status::exited(0));
}

TEST_F(nine_shim, quit_ends_it_and_removes_its_socket) {
  run(shim, core, 1, "exit 0");
  core.send(acknowledge_exit{epoch(1)});
  core.send(quit{});
  EXPECT_TRUE(core.closed());
  EXPECT_EQ(shim.wait(), exit_status::exited(0));
  EXPECT_FALSE(system::exists(shim.directory() + "/socket"));
  EXPECT_FALSE(system::exists(shim.directory() + "/exit"));
}

TEST_F(nine_shim, TERM_to_the_shim_ends_the_agent_first_and_leaves_its_ending_on_disk) {
  core.send(shim.script(1, "exec sleep 1000"));
  core.expect<started>();
  shim.kill(SIGHUP);
  shim.kill(SIGINT);
  shim.kill(SIGTERM);
  EXPECT_EQ(shim.wait(), exit_status::exited(0));
  EXPECT_TRUE(living(shim).empty());
  const auto endings = parse_endings(shim.file("exit"));
  ASSERT_EQ(endings.size(), 1u);
  EXPECT_EQ(std::get<exited>(endings[0]).exit, exit_status::signalled(SIGTERM));
}

TEST_F(nine_shim, restarts_reuse_the_shim_and_leave_no_descriptor_behind) {
  const auto descriptors = [this] {
    std::size_t count = 0;
    for (int i = 0; i < 100; ++i) {
      const auto path = "/proc/" + std::to_string(shim.identity().pid) + "/fd/" + std::to_string(i);
      struct ::stat status{};
      if (::lstat(path.c_str(), &status) == 0) ++count;
    }
    return count;
  };
  run(shim, core, 1, "exit 0");
  run(shim, core, 2, "exit 0");  // by now the file of endings is open
  const auto before = descriptors();
  for (int i = 3; i < 60; ++i)
    run(shim, core, i, "exit 0");
  EXPECT_EQ(descriptors(), before);
}

// proves: S8
TEST_F(nine_shim, every_life_is_told_with_the_identity_that_proc_shows) {
  for (int life = 1; life < 40; ++life) {
    core.send(shim.script(life, "exec sleep 1000"));
    const auto agent = core.expect<started>().agent;
    EXPECT_EQ(system::identify(agent.pid), agent) << "life " << life;
    ::kill(agent.pid, SIGKILL);
    core.expect<exited>();
    core.send(acknowledge_exit{epoch(life)});
  }
}

/// Not into that of the shim, which tells of one child.
TEST(nine_shim_alone, starts_a_guard_that_writes_to_the_log_of_guards) {
  std::string home = "/tmp/nine-shim-home-XXXXXX";
  ASSERT_NE(::mkdtemp(home.data()), nullptr);
  std::filesystem::create_directory(home + "/log");
  std::ofstream(home + "/guard") << "#!/bin/sh\necho to out; echo to err >&2\n";
  std::filesystem::permissions(home + "/guard", std::filesystem::perms::owner_all);
  {
    running_shim shim({"NINE_HOME=" + home, "NINE_GUARD_PROGRAM=" + home + "/guard"});
    while (system::read_file(home + "/log/guard.log", KiB).value_or("") != "to out\nto err\n")
      continue;
  }
  std::filesystem::remove_all(home);
}

TEST_F(nine_shim, the_agent_inherits_no_descriptor_and_no_signal_state) {
  run(shim, core, 1,
      "for n in 0 1 2 3 4 5 6 7 8 9 10; do test -e /proc/$$/fd/$n && echo $n; done;"
      "grep -E 'Sig(Blk|Ign)' /proc/self/status");
  EXPECT_EQ(shim.file("out"), "0\n1\n2\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

exited run_in(const running_shim& shim, std::int64_t incarnation, const std::string& script) {
  auto core = shim.connect();
  return run(shim, core, incarnation, script);
}

TEST(nine_shim_killed, its_successor_ends_what_hides_from_the_marker_where_cgroups_can) {
  if (!system::cgroup::create_below_own("nine-test-probe")) GTEST_SKIP() << "no cgroup v2 here";
  running_shim shim;
  ASSERT_EQ(::mkfifo((shim.directory() + "/fifo").c_str(), 0600), 0);
  auto core = shim.connect();
  core.send(
      shim.script(1, "env -i setsid /bin/sh -c 'echo $$ > fifo; exec sleep 1000' & sleep 1000"));
  core.expect<started>();
  const auto hidden = system::identify(std::stoi(word_from(shim, "fifo"))).value();
  shim.kill(SIGKILL);
  shim.wait();
  EXPECT_EQ(system::probe(hidden), liveness::alive);
  shim.begin();
  shim.connect();
  while (system::probe(hidden) != liveness::gone)
    continue;
}

TEST(nine_shim_killed, at_random_moments_leaves_nothing_that_the_marker_does_not_find) {
  std::mt19937 random(3);
  for (int round = 0; round < 40; ++round) {
    running_shim shim;
    auto core = shim.connect();
    core.send(shim.script(1, "sleep 1000 & exec sleep 1000"));
    if (random() % 2 == 0) core.expect<started>();
    if (random() % 2 == 0) core.send(stop{epoch(1), 0});
    shim.kill(SIGKILL);
    shim.wait();
    EXPECT_EQ(system::probe(shim.identity()), liveness::gone);
    for (auto left = living(shim); !left.empty(); left = living(shim)) {
      for (const auto& process : left)
        ::kill(process.pid, SIGKILL);
    }
    shim.begin();  // it removes the cgroup that the killed one left
    EXPECT_EQ(run_in(shim, 1, "exit 0").exit, exit_status::exited(0));
  }
}

}  // namespace
}  // namespace nine::supervision::shim::testing
