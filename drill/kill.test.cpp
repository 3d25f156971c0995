// Kills against the shipped program: whatever dies, the task's result comes, once.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "drill/home.hpp"

namespace nine::drill {
namespace {

/// Writes a line per life, then waits for the mark "go" and delivers.
constexpr auto patient_agent =
    "echo \"$$\" >> lives; while [ ! -e go ]; do sleep 0.05; done; echo \"delivered in life $(wc "
    "-l < lives)\"";

std::size_t lives(const home& place) {
  const auto lines = read_file(place.mark("lives"));
  return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
}

bool contains_pid(const std::string& group, int pid) {
  return ("\n" + read_file(group + "/cgroup.procs")).find("\n" + std::to_string(pid) + "\n") !=
         std::string::npos;
}

/// A home with one patient task whose agent is at work.
struct working_home : home {
  using home::home;
  std::string id;

  void begin() {
    id = give(patient_agent);
    ASSERT_TRUE(eventually([&] { return lives(*this) == 1; }));
  }
  boost::json::object finish() {
    write_file(mark("go"), "");
    return wait(id);
  }
};

// proves: P1, S1
TEST(kill, nobody_and_the_result_comes) {
  working_home place;
  place.begin();
  const auto task = place.finish();
  EXPECT_EQ(text(task, "status"), "succeeded");
  EXPECT_EQ(text(task, "result"), "delivered in life 1");
  EXPECT_EQ(task.at("restarts").to_number<int>(), 0);
}

// proves: P1, S2
TEST(kill, an_agent_and_it_is_restarted) {
  working_home place;
  place.begin();
  send_signal(place.pid("agent"), SIGKILL);
  ASSERT_TRUE(eventually([&] { return lives(place) == 2; }));
  const auto task = place.finish();
  EXPECT_EQ(text(task, "result"), "delivered in life 2");
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1);
  EXPECT_EQ(task.at("restarts").to_number<int>(), 1);
}

// proves: S15
TEST(kill, a_shim_and_its_agent_is_ended_and_the_attempt_goes_on) {
  working_home place;
  place.begin();
  const auto agent = place.pid("agent");
  send_signal(place.pid("shim"), SIGKILL);
  ASSERT_TRUE(eventually([&] { return lives(place) == 2; }));
  EXPECT_FALSE(is_alive(agent)) << "the agent of the dead shim still runs";
  const auto task = place.finish();
  EXPECT_EQ(text(task, "result"), "delivered in life 2");
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1);
}

/// `env -i` as much as perl's `$0 = …`: nothing of it carries a mark any more.
// proves: S8, S15
TEST(kill, a_shim_whose_agent_hides_its_environment_and_no_agent_lives_twice) {
  home place;
  place.give("echo $$ >> lives; exec perl -e '$0 = q(worker); sleep 600'");
  ASSERT_TRUE(eventually([&] { return lives(place) == 1; }));
  const auto agent = place.pid("agent");
  ASSERT_TRUE(eventually([&] { return !belongs_to(agent, place.root()); }));
  send_signal(place.pid("shim"), SIGKILL);
  ASSERT_TRUE(eventually([&] { return lives(place) == 2; }));
  EXPECT_FALSE(is_alive(agent)) << "the agent of the dead shim still runs";
  const auto second = place.pid("agent");
  EXPECT_EQ(place.nine({"down"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return !is_alive(second); }));
}

// proves: S15
TEST(kill, a_shim_and_its_agents_control_group_is_removed) {
  working_home place;
  place.begin();
  const auto child = place.root() + "/shims/" + place.id + ".a1/cgroup";
  const auto group = read_file(child);
  if (group.empty()) GTEST_SKIP() << "no cgroup version 2 can be made here";
  EXPECT_TRUE(contains_pid(group, place.pid("agent")));
  send_signal(place.pid("shim"), SIGKILL);
  ASSERT_TRUE(eventually([&] { return lives(place) == 2; }));
  EXPECT_EQ(text(place.finish(), "status"), "succeeded");
  EXPECT_TRUE(eventually([&] { return !exists(group); })) << group << " is left over";
}

// proves: S10, P2
TEST(kill, the_core_and_agents_go_on_undisturbed) {
  working_home place;
  place.begin();
  const auto agent = place.pid("agent");
  const auto core = place.pid("core");
  send_signal(core, SIGKILL);
  ASSERT_TRUE(eventually([&] {
    const auto now = place.pid("core");
    return now > 0 && now != core;
  }));
  EXPECT_EQ(place.pid("agent"), agent);
  const auto task = place.finish();
  EXPECT_EQ(text(task, "result"), "delivered in life 1");
  EXPECT_EQ(task.at("restarts").to_number<int>(), 0);
}

// proves: S9
TEST(kill, the_guard_and_the_core_starts_another) {
  working_home place;
  place.begin();
  const auto guard = place.pid("guard");
  const auto core = place.pid("core");
  send_signal(guard, SIGKILL);
  ASSERT_TRUE(eventually([&] {
    const auto now = place.pid("guard");
    return now > 0 && now != guard && is_alive(now);
  }));
  EXPECT_EQ(place.pid("core"), core);
  EXPECT_EQ(text(place.finish(), "result"), "delivered in life 1");
}

// proves: S9, S10
TEST(kill, guard_and_core_together_and_a_waiting_client_sees_a_pause) {
  working_home place;
  place.begin();
  const auto client = place.start({"task", "wait", place.id});
  send_signal(place.pid("guard"), SIGKILL);
  for (const auto core : place.pids("core"))
    send_signal(core, SIGKILL);
  write_file(place.mark("go"), "");
  const auto seen = client->wait();
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  EXPECT_EQ(seen.out, "delivered in life 1\n");
}

// proves: P2
TEST(kill, everything_and_the_next_command_goes_on) {
  working_home place;
  place.begin();
  place.kill_everything();
  ASSERT_TRUE(place.all_processes().empty());
  write_file(place.mark("go"), "");
  const auto task = place.wait(place.id);
  EXPECT_EQ(text(task, "result"), "delivered in life 2");
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1);
}

// proves: S16
TEST(kill, everything_after_a_cancel_and_the_task_stays_dead) {
  working_home place;
  place.begin();
  EXPECT_EQ(place.nine({"task", "cancel", place.id}).exit_code, 0);
  EXPECT_EQ(text(place.wait(place.id), "status"), "cancelled");
  place.kill_everything();
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  EXPECT_EQ(text(place.task(place.id), "status"), "cancelled");
  EXPECT_TRUE(place.pids("agent").empty());
  EXPECT_EQ(lives(place), 1u);
}

// proves: S16
TEST(kill, nothing_of_a_stopped_home_comes_back_by_itself) {
  working_home place;
  place.begin();
  EXPECT_EQ(place.nine({"down"}).exit_code, 0);
  EXPECT_TRUE(place.all_processes().empty());
  EXPECT_EQ(std::string(place.json({"status"}).at("state").as_string()), "stopped");
  EXPECT_TRUE(place.all_processes().empty());
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  ASSERT_TRUE(eventually([&] { return lives(place) == 2; }));
  EXPECT_EQ(text(place.finish(), "result"), "delivered in life 2");
}

// proves: S15, S16
TEST(kill, guard_and_core_then_stop_the_home_and_no_agent_is_left) {
  working_home place;
  place.begin();
  send_signal(place.pid("guard"), SIGKILL);
  for (const auto core : place.pids("core"))
    send_signal(core, SIGKILL);
  EXPECT_EQ(place.nine({"down"}).exit_code, 0);
  EXPECT_TRUE(place.all_processes().empty());
}

// proves: S10, P2
TEST(kill, everybody_after_the_agent_is_done_and_it_is_not_done_again) {
  working_home place;
  place.begin();
  auto doomed = place.pids("guard");
  for (const auto* role : {"core", "shim"})
    std::ranges::copy(place.pids(role), std::back_inserter(doomed));
  const auto shim = doomed.back();
  for (const auto pid : doomed)
    if (pid != shim) send_signal(pid, SIGSTOP);  // neither brings back the other
  for (const auto pid : doomed)
    if (pid != shim) send_signal(pid, SIGKILL);
  write_file(place.mark("go"), "");
  ASSERT_TRUE(eventually([&] { return !read_file(place.root() + "/shims/t1.a1/exit").empty(); }));
  send_signal(shim, SIGKILL);
  EXPECT_EQ(text(place.wait(place.id), "result"), "delivered in life 1");
  EXPECT_EQ(lives(place), 1u);
}

/// A shim does not write a crash down that it told a core of; here that core never read it.
// proves: S2, P2
TEST(kill, everybody_who_could_know_of_a_crash_and_the_attempt_goes_on_in_one_more_life) {
  working_home place;
  place.begin();
  const auto agent = place.pid("agent");
  const auto shim = place.pid("shim");
  const auto core = place.pid("core");
  const auto guard = place.pid("guard");
  for (const auto pid : {guard, core})
    send_signal(pid, SIGSTOP);
  send_signal(agent, SIGKILL);
  ASSERT_TRUE(eventually([&] { return !exists("/proc/" + std::to_string(agent)); }));
  for (const auto pid : {shim, core, guard})
    send_signal(pid, SIGKILL);
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  ASSERT_TRUE(eventually([&] { return lives(place) == 2; }));
  const auto task = place.finish();
  EXPECT_EQ(text(task, "result"), "delivered in life 2");
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1);
  EXPECT_EQ(lives(place), 2u);
}

// proves: S15, S16
TEST(kill, all_but_a_shim_then_stop_the_home_and_no_agent_is_begun_meanwhile) {
  working_home place;
  place.begin();
  place.give(patient_agent);
  ASSERT_TRUE(eventually([&] { return lives(place) == 2 && place.pids("agent").size() == 2; }));
  const auto shims = place.pids("shim");
  auto doomed = place.pids("guard");
  for (const auto* role : {"core", "agent"})
    std::ranges::copy(place.pids(role), std::back_inserter(doomed));
  doomed.push_back(shims.front());
  for (const auto pid : doomed)
    send_signal(pid, SIGSTOP);  // none of them brings back another
  for (const auto pid : doomed)
    send_signal(pid, SIGKILL);
  EXPECT_EQ(place.nine({"down"}).exit_code, 0);
  EXPECT_TRUE(place.all_processes().empty());
  EXPECT_EQ(lives(place), 2u) << "the core that ended the rest began something";
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  ASSERT_TRUE(eventually([&] { return lives(place) == 4; }));
  for (const auto* id : {"t1", "t2"})
    EXPECT_EQ(place.task(id).at("attempts").to_number<int>(), 1) << "no verdict on what was ended";
}

bool is_connected(const running_program& program) {
  const auto descriptors = "/proc/" + std::to_string(program.pid()) + "/fd";
  std::error_code ignored;  // what is listed may be closed already
  return std::ranges::any_of(
      std::filesystem::directory_iterator(descriptors, ignored), [&](const auto& one) {
        return std::filesystem::read_symlink(one.path(), ignored).native().starts_with("socket:");
      });
}

void remove_home(const home& place) {
  EXPECT_TRUE(eventually([&] {  // what is written meanwhile can make it fail
    std::error_code ignored;
    std::filesystem::remove_all(place.root(), ignored);
    return !exists(place.root());
  }));
}

void expect_nothing_is_left(const home& place) {
  EXPECT_TRUE(eventually([&] { return place.all_processes().empty(); })) << "something is left";
  EXPECT_FALSE(exists(place.root())) << "the home was made anew";
  std::filesystem::create_directories(place.workspace());  // where the last command is run
}

// proves: S15
TEST(kill, nobody_but_remove_the_home_and_nothing_is_left) {
  working_home place;
  place.begin();
  const auto client = place.start({"task", "wait", place.id});
  ASSERT_TRUE(eventually([&] { return is_connected(*client); }));
  remove_home(place);
  const auto told = client->wait();
  EXPECT_EQ(told.exit_code, 1);
  EXPECT_NE(told.err.find(" was removed, and with it all its tasks"), std::string::npos)
      << told.err;
  expect_nothing_is_left(place);
}

// proves: S15
TEST(kill, guard_and_core_then_remove_the_home_and_nothing_is_left) {
  working_home place;
  place.begin();
  const std::vector<int> doomed{place.pid("guard"), place.pid("core")};
  for (const auto number : {SIGSTOP, SIGKILL})  // neither brings back the other
    for (const auto pid : doomed)
      send_signal(pid, number);
  remove_home(place);
  expect_nothing_is_left(place);
}

/// Whether a process of this role lives that is none of these.
bool has(const home& place, const std::string& role, const std::vector<int>& but = {}) {
  return std::ranges::any_of(place.all_processes(), [&](int pid) {
    return std::ranges::find(but, pid) == but.end() && role_of(pid) == role;
  });
}

bool is_served(const home& place, const std::vector<int>& but = {}) {
  return has(place, "guard", but) && has(place, "core", but);
}

// proves: P2, S9
TEST(kill, guard_and_core_and_a_shim_brings_them_back_though_nobody_asks) {
  working_home place;
  place.begin();
  const auto agent = place.pid("agent");
  const auto guard = place.pid("guard");
  const auto core = place.pid("core");
  for (const int number : {SIGSTOP, SIGKILL}) {  // neither has time to bring back the other
    send_signal(guard, number);
    send_signal(core, number);
  }
  ASSERT_TRUE(eventually([&] { return is_served(place, {guard, core}); }));
  EXPECT_TRUE(is_alive(agent));
  EXPECT_EQ(text(place.finish(), "result"), "delivered in life 1");
}

TEST(kill, nobody_but_end_the_guard_and_no_shim_starts_another) {
  working_home ended;
  working_home killed;
  ended.begin();
  killed.begin();
  const auto agent = ended.pid("agent");
  send_signal(ended.pid("guard"), SIGTERM);
  ASSERT_TRUE(eventually([&] { return !has(ended, "guard") && !has(ended, "core"); }));
  // A shim waits for 2 to 3 s before it looks for a guard. When another has done so twice, one
  // after the other, this one has, too.
  for (int wait = 0; wait < 2; ++wait) {
    const std::vector<int> doomed{killed.pid("guard"), killed.pid("core")};
    for (const auto number : {SIGSTOP, SIGKILL})
      for (const auto pid : doomed)
        send_signal(pid, number);
    ASSERT_TRUE(eventually([&] { return is_served(killed, doomed); }));
  }
  EXPECT_FALSE(is_served(ended));
  EXPECT_TRUE(is_alive(agent));
  std::filesystem::remove(ended.root() + "/run/guard.stopped");
  EXPECT_TRUE(eventually([&] { return is_served(ended); })) << "it was the mark that held it";
  for (auto* place : {&ended, &killed})
    EXPECT_EQ(text(place->finish(), "result"), "delivered in life 1");
}

// proves: S9
TEST(kill, nobody_but_stop_the_core_and_it_is_ended_and_replaced) {
  working_home place("watchdog: {stale_after: 2s, terminate_grace: 1s}\n");
  place.begin();
  const auto core = place.pid("core");
  send_signal(core, SIGSTOP);
  ASSERT_TRUE(eventually([&] { return !is_alive(core); }));
  EXPECT_NE(place.pid("core"), core);
  EXPECT_EQ(text(place.finish(), "result"), "delivered in life 1");
}

// proves: D3
TEST(kill, the_guard_of_a_stopped_core_without_lock_and_the_core_meets_its_successor_fenced) {
  working_home place;
  place.begin();
  const auto agent = place.pid("agent");
  const auto guard = place.pid("guard");
  const auto stopped = place.pid("core");
  send_signal(stopped, SIGSTOP);
  send_signal(guard, SIGKILL);
  ASSERT_TRUE(eventually([&] { return !is_alive(guard); }));
  std::filesystem::remove_all(place.root() + "/run");  // with the lock that lets one core live
  ASSERT_EQ(place.nine({"up"}).exit_code, 0);
  EXPECT_NE(place.pid("core"), stopped);
  ASSERT_TRUE(is_alive(stopped)) << "the two never meet: the test tests nothing";
  send_signal(stopped, SIGCONT);
  EXPECT_TRUE(eventually([&] { return !is_alive(stopped); })) << "two cores work on one home";
  EXPECT_TRUE(eventually(
      [&] { return read_file(place.root() + "/log/core.log").contains("\"core_fenced\""); }));
  EXPECT_EQ(place.pids("agent"), std::vector{agent});
  const auto task = place.finish();
  EXPECT_EQ(text(task, "result"), "delivered in life 1");
  EXPECT_EQ(task.at("restarts").to_number<int>(), 0);
  EXPECT_EQ(lives(place), 1U);
  EXPECT_EQ(place.facts(place.id, "task_ended"), 1);
}

}  // namespace
}  // namespace nine::drill
