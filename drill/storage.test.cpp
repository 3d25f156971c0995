// The disk fails under the shipped core: full, input/output errors, failed syncs. It says so, loses
// nothing it acknowledged, and goes on when the cause is gone. And the model fails under an agent.

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "drill/home.hpp"

namespace nine::drill {
namespace {

/// How the core says its journal is: "working" or "failed".
std::string journal_health(home& place) {
  return text(place.json({"status"}).at("journal").as_object(), "health");
}

/// System calls of the core that fail while this lives, by strace.
class failing_calls {
 public:
  failing_calls(const home& place, int core, const std::string& injection)
      : log_(place.root() + "/strace") {
    strace_ = std::make_unique<running_program>(
        std::vector<std::string>{"/usr/bin/strace", "-f", "-p", std::to_string(core), "-o",
                                 log_ + ".calls", "-e", "trace=" + calls(injection), "-e",
                                 "inject=" + injection},
        std::map<std::string, std::string>{}, place.root(), log_);
    attached_ =
        eventually([&] { return strace_->err().contains("attached"); }, std::chrono::seconds(10));
  }
  ~failing_calls() { stop(); }

  bool attached() const { return attached_; }
  std::string said() const { return strace_->err(); }
  bool seen() const { return read_file(log_ + ".calls").contains("(INJECTED)"); }
  /// The cause is gone; the core goes on.
  void stop() {
    if (!attached_) return;
    attached_ = false;
    strace_->signal(SIGINT);
    strace_->wait();
  }
  /// For a core that was killed: strace would wait for the last of its threads in vain, and keep
  /// it.
  void abandon() {
    attached_ = false;
    strace_.reset();
  }

 private:
  static std::string calls(const std::string& injection) {
    return injection.substr(0, injection.find(':'));
  }
  std::string log_;
  std::unique_ptr<running_program> strace_;
  bool attached_ = false;
};

class a_failing_disk : public testing::TestWithParam<std::string> {};

// proves: P2, R1
TEST_P(a_failing_disk, is_told_loses_nothing_and_work_goes_on_when_it_is_mended) {
  home place;
  const auto before = place.give("echo before");
  EXPECT_EQ(text(place.wait(before), "result"), "before");
  const auto running = place.give(": > begun; while [ ! -e go ]; do sleep 0.05; done; echo during");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));

  const auto core = place.pid("core");
  failing_calls fault(place, core, GetParam());
  if (!fault.attached()) GTEST_SKIP() << "strace cannot attach here: " << fault.said();
  write_file(place.mark("go"), "");  // the agent's end cannot be recorded now
  const auto client = place.start({"run", "do it", "--", "echo", "after"});
  ASSERT_TRUE(eventually([&] { return fault.seen() && journal_health(place) == "failed"; }));
  EXPECT_TRUE(place.nine({"doctor"}).out.contains("journal has failed"));
  EXPECT_EQ(client->out(), "") << "nothing is acknowledged that is not on disk";
  fault.stop();

  const auto ended = client->wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "after\n");
  EXPECT_EQ(text(place.wait(running), "result"), "during");
  EXPECT_EQ(place.task(running).at("restarts").to_number<int>(), 0);
  EXPECT_EQ(text(place.task(before), "result"), "before");
  EXPECT_EQ(journal_health(place), "working");
  EXPECT_EQ(place.pid("core"), core) << "the core went on; it was not replaced";
  const auto log = place.nine({"logs", "--core", "--json"}).out;
  EXPECT_TRUE(log.contains("journal_failed")) << "the log tells when it happened, and why";
  EXPECT_TRUE(log.contains("journal_works_again"));
}

INSTANTIATE_TEST_SUITE_P(storage, a_failing_disk,
                         testing::Values("fdatasync:error=EIO", "pwrite64:error=EIO",
                                         "pwrite64:error=ENOSPC"),
                         [](const auto& instance) {
                           auto name = instance.param;
                           std::erase_if(name, [](char c) { return !::isalnum(c); });
                           return name;
                         });

// proves: P2
TEST(storage, a_core_killed_while_the_disk_fails_lost_nothing_it_acknowledged) {
  home place;
  const auto kept = place.give("echo kept");
  EXPECT_EQ(text(place.wait(kept), "result"), "kept");
  const auto core = place.pid("core");
  failing_calls fault(place, core, "fdatasync:error=EIO");
  if (!fault.attached()) GTEST_SKIP() << "strace cannot attach here: " << fault.said();
  const auto client = place.start({"run", "do it", "--", "echo", "later"});
  ASSERT_TRUE(eventually([&] { return fault.seen(); }));
  send_signal(core, SIGKILL);
  fault.abandon();
  EXPECT_EQ(client->wait().out, "later\n");
  EXPECT_EQ(text(place.task(kept), "result"), "kept");
  EXPECT_EQ(place.json({"task", "list"}).at("tasks").as_array().size(), 2U) << "given once";
}

// proves: P2
TEST(storage, a_home_whose_disk_fails_can_be_stopped_and_goes_on_from_what_was_kept) {
  home place;
  const auto kept = place.give("echo kept");
  EXPECT_EQ(text(place.wait(kept), "result"), "kept");
  const auto running = place.give(": > begun; while [ ! -e go ]; do sleep 0.05; done; echo done");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
  failing_calls fault(place, place.pid("core"), "fdatasync:error=EIO");
  if (!fault.attached()) GTEST_SKIP() << "strace cannot attach here: " << fault.said();
  const auto client = place.start({"run", "do it", "--", "sh", "-c", ": > taken"});
  ASSERT_TRUE(eventually([&] { return fault.seen() && journal_health(place) == "failed"; }));
  const auto down = place.nine({"down"});
  EXPECT_EQ(down.exit_code, 0) << down.err;
  const auto told = client->wait();
  EXPECT_TRUE(told.err.contains("stopped")) << told.err;
  EXPECT_TRUE(place.all_processes().empty());
  EXPECT_FALSE(exists(place.mark("taken"))) << "nothing is begun that is not on disk";
  EXPECT_TRUE(place.nine({"logs", "--core"}).out.contains("journal could not be flushed"));

  fault.stop();
  write_file(place.mark("go"), "");
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  EXPECT_EQ(text(place.wait(running), "result"), "done");
  EXPECT_EQ(text(place.task(kept), "result"), "kept");
}

/// A file system of its own, small enough to be filled.
class small_disk {
 public:
  small_disk() {
    std::string pattern = "/tmp/nine-drill-disk-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=12m,mode=0700") == 0;
  }
  ~small_disk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    ::rmdir(path_.c_str());
  }
  bool mounted() const { return mounted_; }
  const std::string& path() const { return path_; }

  /// Takes all that is left.
  void fill() const {
    std::ofstream filler(path_ + "/filler", std::ios::binary);
    const std::string block(4096, 'x');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush())
      continue;
  }
  void free() const { std::filesystem::remove(path_ + "/filler"); }

 private:
  std::string path_;
  bool mounted_ = false;
};

// proves: P2
TEST(storage, an_agent_that_fills_the_disk_makes_the_others_wait_and_harms_none) {
  const small_disk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small file system";
  home place("", disk.path());
  const auto innocent =
      place.give(": > begun; while [ ! -e go ]; do sleep 0.05; done; echo unharmed");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
  const auto filler = place.give(
      "dd if=/dev/zero of=filler bs=64k 2>/dev/null; echo full >&2; while [ ! -e free ]; do sleep "
      "0.05; done; rm filler; echo freed");
  const auto full = [&] { return std::filesystem::space(disk.path()).available == 0; };
  ASSERT_TRUE(eventually(full));
  const auto client = place.start({"run", "do it", "--", "echo", "in time"});
  EXPECT_TRUE(eventually([&] { return client->err().contains("No space left"); }))
      << "a task that cannot be kept is not taken: " << client->err();
  // A file would not fit; a link takes no room of its own on a tmpfs.
  ASSERT_EQ(::symlink("/dev/null", place.mark("free").c_str()), 0);
  EXPECT_EQ(text(place.wait(filler), "result"), "freed");
  EXPECT_EQ(client->wait().out, "in time\n");
  write_file(place.mark("go"), "");
  const auto task = place.wait(innocent);
  EXPECT_EQ(text(task, "result"), "unharmed");
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1);
  EXPECT_EQ(task.at("restarts").to_number<int>(), 0);
}

/// A figure of the kernel (cminflt of proc_pid_stat(5)) that changes whenever a child was reaped.
std::string faults_of_reaped_children(int pid) {
  const auto told = read_file("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream after_name(told.substr(std::min(told.rfind(')') + 2, told.size())));
  std::string field;
  for (int number = 3; number <= 11; ++number)
    after_name >> field;
  return field;
}

// proves: P2
TEST(storage, a_core_that_is_started_on_a_full_disk_goes_on) {
  const small_disk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small file system";
  home place("", disk.path());
  place.expect_ending("exit code 1");  // it cannot take the home over
  const auto id = place.give(": > begun; while [ ! -e go ]; do sleep 0.05; done; echo done");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
  const auto core = place.pid("core");
  const auto guard = place.pid("guard");
  disk.fill();
  send_signal(core, SIGKILL);
  const auto client = place.start({"task", "wait", id});
  // One that began in the room its log has ahead, or could not and was gone too soon to be seen.
  std::set<std::string> reaped{faults_of_reaped_children(guard)};
  ASSERT_TRUE(eventually([&] {
    reaped.insert(faults_of_reaped_children(guard));
    const auto cores = processes_with(std::string("nine\0core", 9));
    return reaped.size() > 2 || std::ranges::any_of(cores, [&](int pid) {
             return pid != core && belongs_to(pid, place.root());
           });
  }));
  disk.free();
  write_file(place.mark("go"), "");
  const auto ended = client->wait(std::chrono::seconds(90));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "done\n");
}

// proves: P1
TEST(storage, a_task_whose_agent_cannot_be_launched_on_a_full_disk_waits_for_it) {
  const small_disk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small file system";
  home place("limits: {concurrent_agents: 1}\n", disk.path());
  const auto given =
      place.nine({"run", "--detach", "do it", "--result", "exit_code", "--", "/bin/sh", "-c",
                  ": > begun; while [ ! -e go ]; do sleep 0.05; done"});
  ASSERT_EQ(given.exit_code, 0) << given.err;
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
  const auto second = place.give("echo second");  // accepted, and waits for its place
  disk.fill();
  ASSERT_EQ(::symlink("/dev/null", place.mark("go").c_str()), 0);
  EXPECT_TRUE(eventually([&] {
    const auto waiting = place.task(second);
    return text(waiting, "status") == "waiting" && !text(waiting, "reason").empty();
  })) << boost::json::serialize(place.task(second));
  disk.free();
  const auto task = place.wait(second);
  EXPECT_EQ(text(task, "result"), "second");
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1);
  EXPECT_EQ(text(place.wait("t1"), "status"), "succeeded");
}

// proves: P1
TEST(storage, an_agent_whose_output_a_full_disk_did_not_take_runs_again_and_is_not_blamed) {
  const small_disk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small file system";
  home place("", disk.path());
  const auto id = place.give(
      "[ -e begun ] || : > begun; while [ ! -e go ]; do sleep 0.05; done; "
      "echo heard");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
  disk.fill();
  ASSERT_EQ(::symlink("/dev/null", place.mark("go").c_str()), 0);
  EXPECT_TRUE(eventually([&] { return !text(place.task(id), "reason").empty(); }));
  disk.free();
  const auto task = place.wait(id);
  EXPECT_EQ(text(task, "result"), "heard");
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1) << boost::json::serialize(task);
}

/// `nine sim-model` with a script; it prints a line for each question.
struct simulated_model {
  simulated_model(home& place, const std::string& script) {
    write_file(place.root() + "/model.json", script);
    program = place.start({"sim-model", "--log", "--script", place.root() + "/model.json",
                           "--address-file", place.root() + "/model.address"});
    EXPECT_TRUE(eventually([&] { return !address(place).empty(); }));
    place.set("OPENAI_BASE_URL", "http://" + address(place) + "/v1");
    place.set("OPENAI_API_KEY", "sk-simulated");
  }
  static std::string address(const home& place) {
    const auto line = read_file(place.root() + "/model.address");
    return line.substr(0, line.find('\n'));
  }
  /// Questions it was asked.
  std::size_t questions() const {
    const auto lines = program->out();
    const auto count = static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
    return count == 0 ? 0 : count - 1;  // the first one is its address
  }
  std::unique_ptr<running_program> program;
};

/// A home whose tasks of the type `note` ask the model, and else a program.
constexpr auto with_fallback =
    "agents:\n"
    "  asker: {kind: model, model: default}\n"
    "  plain: {command: [echo, without], prompt: stdin, degrades: [model]}\n"
    "models:\n  default: {}\n"
    "tasks:\n  note: {prompt: Say something., ladder: [asker, plain], retries: 1}\n";

// proves: L2, L4
TEST(storage, a_model_killed_under_a_task_leaves_a_degraded_result_that_says_so) {
  home place(with_fallback);
  const simulated_model model(place, R"({"probabilities": {"hang": 1}})");
  const auto client = place.start({"run", "note", "--json"});
  ASSERT_TRUE(eventually([&] { return model.questions() > 0; }));
  model.program->signal(SIGKILL);
  const auto ended = client->wait(std::chrono::seconds(120));
  EXPECT_EQ(ended.exit_code, 3) << ended.out << ended.err;
  const auto task = boost::json::parse(ended.out).as_object();
  EXPECT_EQ(text(task, "status"), "degraded");
  EXPECT_EQ(text(task, "result"), "without");
  EXPECT_EQ(boost::json::serialize(task.at("missing")), R"(["model"])");
  EXPECT_NE(text(task, "reason"), "");
}

}  // namespace
}  // namespace nine::drill
