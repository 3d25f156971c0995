// Agents that do their worst, through the shipped program. Beside each another task is at work; it
// must come to its result undisturbed.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <future>

#include "drill/home.hpp"

namespace nine::drill {
namespace {

/// A home in which an innocent task works from the beginning to the end of the test.
class neighbourhood : public home {
 public:
  explicit neighbourhood(const std::string& configuration = "") : home(configuration) {
    innocent_ = give(
        "echo \"$$\" >> innocent; while [ ! -e innocent-go ]; do sleep 0.05; done; "
        "echo unharmed");
    EXPECT_TRUE(eventually([&] { return exists(mark("innocent")); }));
  }
  ~neighbourhood() {
    write_file(mark("innocent-go"), "");
    const auto task = wait(innocent_);
    EXPECT_EQ(text(task, "status"), "succeeded");
    EXPECT_EQ(text(task, "result"), "unharmed");
    EXPECT_EQ(task.at("restarts").to_number<int>(), 0) << boost::json::serialize(task);
    EXPECT_EQ(task.at("attempts").to_number<int>(), 1) << boost::json::serialize(task);
  }
  const std::string& innocent() const { return innocent_; }

  /// Runs `sh -c SCRIPT` as the agent of a task to its end.
  outcome run(const std::string& script, std::vector<std::string> options = {}) {
    std::vector<std::string> words{"run", "do it"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "/bin/sh", "-c", script});
    return nine(words);
  }

  /// Bytes in files below the home.
  std::uintmax_t size_on_disk() const {
    std::uintmax_t total = 0;
    for (const auto& name : files_below(root())) {
      std::error_code gone;
      const auto size = std::filesystem::file_size(name, gone);
      total += gone ? 0 : size;
    }
    return total;
  }

 private:
  std::string innocent_;
};

/// The most memory a process has ever held, in KiB.
long peak_memory_kib(int pid) {
  const auto status = read_file("/proc/" + std::to_string(pid) + "/status");
  const auto at = status.find("VmHWM:");
  return at == std::string::npos ? 0 : std::strtol(status.c_str() + at + 6, nullptr, 10);
}

// proves: X4
TEST(hostile, a_prompt_of_10_megabytes_arrives_whole) {
  neighbourhood place;
  const auto file = place.mark("prompt");
  write_file(file, std::string(10'000'000, 'p'));
  const auto by_text = place.start({"run", "-", "--", "wc", "-c"}, file)->wait();
  EXPECT_EQ(by_text.exit_code, 0) << by_text.err;
  EXPECT_EQ(by_text.out, "10000000\n");
  const auto by_input = place.run("wc -c < {prompt_file}", {"--input", file});
  EXPECT_EQ(by_input.exit_code, 0) << by_input.err;
  EXPECT_EQ(by_input.out, std::to_string(10'000'000 + std::string("do it\n\n").size()) + "\n");
}

// proves: X4
TEST(hostile, a_prompt_too_long_for_an_argument_is_refused_at_once_with_what_to_do) {
  neighbourhood place;
  const auto file = place.mark("prompt");
  write_file(file, std::string(200'000, 'p'));
  const auto ended = place.start({"run", "-", "--json", "--", "echo", "{prompt}"}, file)->wait();
  EXPECT_EQ(ended.exit_code, 1);
  const auto task = boost::json::parse(ended.out).as_object();
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1);
  EXPECT_NE(text(task, "reason").find("{prompt_file}"), std::string::npos) << ended.out;
}

// proves: P5, X4
TEST(hostile, an_output_of_a_gigabyte_takes_bounded_disk_and_memory) {
  neighbourhood place;
  const auto given = place.nine({"run", "--detach", "--retries", "0", "do it", "--", "/bin/sh",
                                 "-c", "head -c 1073741824 /dev/zero; : > done; exec sleep 600"});
  const auto id = given.out.substr(0, given.out.find('\n'));
  ASSERT_TRUE(eventually([&] { return exists(place.mark("done")); }, std::chrono::seconds(120)));
  EXPECT_LT(place.size_on_disk(), 64U << 20);
  for (const auto pid : place.pids("core"))
    EXPECT_LT(peak_memory_kib(pid), 256 * 1024);
  for (const auto pid : place.pids("shim"))
    EXPECT_LT(peak_memory_kib(pid), 16 * 1024);
  EXPECT_EQ(place.nine({"task", "cancel", id}).exit_code, 0);
  EXPECT_EQ(text(place.wait(id), "status"), "cancelled");
  EXPECT_EQ(place.nine({"logs", id}).exit_code, 0);
}

// proves: X4
TEST(hostile, a_result_that_is_too_large_is_a_failure_that_says_so) {
  neighbourhood place;
  const auto ended = place.run("head -c 5000000 /dev/zero", {"--retries", "0"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_NE(ended.err.find("more than 4194304 bytes"), std::string::npos) << ended.err;
}

// proves: X4
TEST(hostile, a_line_without_end_is_a_result_like_any_other) {
  neighbourhood place;
  const auto ended = place.run("head -c 3000000 /dev/zero | tr '\\0' x");
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, std::string(3'000'000, 'x') + "\n");
}

// proves: X4, P2
TEST(hostile, bytes_that_are_no_utf8_are_shown_kept_and_survive_a_new_core) {
  neighbourhood place;
  const auto ended = place.run("printf 'caf\\351 \\377' | tee /dev/stderr");
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "caf\xEF\xBF\xBD \xEF\xBF\xBD\n");
  // A gate's evidence and a failed attempt's last words go into facts of a task that is not over.
  const auto given =
      place.nine({"run", "--detach", "--retries", "1", "--gate", "printf 'no\\351'; false", "do it",
                  "--", "/bin/sh", "-c",
                  "case \"$NINE_ATTEMPT\" in 2) : > second; exec sleep 600;; esac; echo one"});
  ASSERT_EQ(given.exit_code, 0) << given.err;
  const auto id = given.out.substr(0, given.out.find('\n'));
  ASSERT_TRUE(eventually([&] { return exists(place.mark("second")); }));
  const auto core = place.pid("core");
  send_signal(core, SIGKILL);
  ASSERT_TRUE(eventually([&] {
    const auto now = place.pid("core");
    return now > 0 && now != core;
  }));
  EXPECT_EQ(text(place.task(id), "status"), "running");
  EXPECT_NE(boost::json::serialize(place.json({"task", "explain", id})).find("no\xEF\xBF\xBD"),
            std::string::npos);
  EXPECT_EQ(place.json({"logs", "t2"}).at("logs").as_array().size(), 1U);
  EXPECT_EQ(place.nine({"events"}).exit_code, 0);
  EXPECT_EQ(place.nine({"task", "cancel", id}).exit_code, 0);
  EXPECT_EQ(text(place.wait(id), "status"), "cancelled");
}

// proves: S1
TEST(hostile, an_agent_that_closes_its_output_and_goes_on_is_waited_for) {
  neighbourhood place;
  const auto id = place.give(
      "echo early; exec >&- 2>&-; : > closed; while [ ! -e go ]; do sleep 0.05; done; : > late");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("closed")); }));
  EXPECT_EQ(text(place.task(id), "status"), "running");
  write_file(place.mark("go"), "");
  EXPECT_EQ(text(place.wait(id), "result"), "early");
  EXPECT_TRUE(exists(place.mark("late")));
}

// proves: S2, S15
TEST(hostile, an_agent_that_ignores_term_is_killed_after_its_grace) {
  neighbourhood place(
      "agents:\n  stubborn:\n    command: [/bin/sh, -c, \"trap '' TERM INT HUP; : > deaf; while :; "
      "do sleep 1; done\", x]\n    prompt: stdin\n    grace: 200ms\n");
  const auto given = place.nine({"run", "--detach", "--agent", "stubborn", "do it"});
  ASSERT_EQ(given.exit_code, 0) << given.err;
  const auto id = given.out.substr(0, given.out.find('\n'));
  ASSERT_TRUE(eventually([&] { return exists(place.mark("deaf")); }));
  EXPECT_EQ(place.nine({"task", "cancel", id}).exit_code, 0);
  EXPECT_EQ(text(place.wait(id), "status"), "cancelled");
  EXPECT_EQ(place.pids("agent").size(), 1U) << "only the innocent one's is left";
}

// proves: S15
TEST(hostile, daemons_that_an_agent_leaves_behind_are_gone_when_it_ends) {
  neighbourhood place;
  // A name of their own, for they hide who they belong to.
  const auto name = place.mark("daemon");
  write_file(name, "#!/bin/sh\n: >> daemons\nwhile :; do sleep 1; done\n");
  ::chmod(name.c_str(), 0700);
  const auto ended = place.run(
      "for i in 1 2 3 4 5; do (setsid env -i /bin/sh -c 'trap \"\" TERM HUP; (setsid ./daemon $0 "
      "<&- >&- 2>&- &)' " +
      name + " &); done; while [ ! -e daemons ]; do sleep 0.02; done; echo left them");
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "left them\n");
  for (const auto pid : processes_with(name))
    ADD_FAILURE() << "daemon " << pid << " is left over";
}

// proves: S1
TEST(hostile, an_agent_that_eats_descriptors_eats_its_own) {
  neighbourhood place;
  const auto ended = place.nine(
      {"run", "do it", "--", "/usr/bin/python3", "-c",
       "import os\nfds=[]\ntry:\n  while len(fds) < 100000: fds.append(os.open('/dev/null', 0))\n"
       "except OSError as e: pass\nprint('ate', len(fds) > 100)"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "ate True\n");
  EXPECT_EQ(place.nine({"status"}).exit_code, 0);
}

std::string post(std::string_view target, std::string_view fields, std::string_view body) {
  auto text = "POST " + std::string(target) + " HTTP/1.1\r\nHost: nine\r\nConnection: close\r\n";
  text += fields;
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  text += body;
  return text;
}

// proves: X4
TEST(hostile, a_long_reason_is_refused_and_the_core_lives_on) {
  neighbourhood place;
  const auto core = place.pid("core");
  const auto body = R"({"reason":")" + std::string(1'048'540, 'r') + "\"}";
  const auto answer = send_and_receive(place.root() + "/run/control.sock",
                                       post("/v1/tasks/" + place.innocent() + "/cancel", "", body));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer;
  EXPECT_EQ(place.pid("core"), core);
}

// proves: X4
TEST(hostile, a_gate_that_prints_without_end_is_a_verdict_like_any_other) {
  neighbourhood place("limits: {evidence_size: 64KiB}\n");
  const auto core = place.pid("core");
  const auto ended = place.run(
      "echo it", {"--retries", "1", "--gate",
                  "head -c 1500000 /dev/zero | tr '\\0' '\\007' | tee /dev/stderr; false"});
  EXPECT_EQ(ended.exit_code, 1) << ended.err;
  EXPECT_EQ(place.pid("core"), core);
}

// proves: X4
TEST(hostile, ten_bodies_of_64_megabytes_leave_the_core_small_and_at_work) {
  neighbourhood place;
  const auto id = place.give(
      "echo \"$NINE_SOCKET $NINE_TOKEN\" > told; mv told known; "
      "while [ ! -e go ]; do sleep 0.05; done; echo flooded");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("known")); }));
  const auto known = read_file(place.mark("known"));
  const auto socket = known.substr(0, known.find(' '));
  const auto token = known.substr(socket.size() + 1, known.find('\n') - socket.size() - 1);
  const auto core = place.pid("core");
  const auto from_agent = post("/v1/steps/begin", "Authorization: Bearer " + token + "\r\n",
                               std::string(64U << 20, 'x'));
  const auto from_stranger = post("/v1/steps/begin", "", std::string(10U << 20, 'x'));
  constexpr std::size_t senders = 20;
  const auto is_agent = [](std::size_t sender) { return sender % 2 == 0; };
  std::vector<std::future<std::string>> answers;
  for (std::size_t sender = 0; sender < senders; ++sender) {
    const auto& flood = is_agent(sender) ? from_agent : from_stranger;
    answers.push_back(std::async(std::launch::async,
                                 [&socket, &flood] { return send_and_receive(socket, flood); }));
  }
  EXPECT_EQ(place.run("echo at work").out, "at work\n");
  for (std::size_t sender = 0; sender < senders; ++sender) {
    const auto answer = answers.at(sender).get();
    EXPECT_TRUE(answer.starts_with(is_agent(sender) ? "HTTP/1.1 413" : "HTTP/1.1 403")) << answer;
  }
  EXPECT_LT(peak_memory_kib(core), 200 * 1024);
  EXPECT_EQ(place.pid("core"), core);
  write_file(place.mark("go"), "");
  EXPECT_EQ(text(place.wait(id), "result"), "flooded");
}

// proves: R1
TEST(hostile, a_result_file_that_is_no_file_of_the_task_is_no_result) {
  neighbourhood place;
  const auto fifo = place.run("mkfifo answer", {"--result-file", "answer", "--retries", "0"});
  EXPECT_EQ(fifo.exit_code, 1);
  write_file(place.mark("old"), "from another day");
  std::filesystem::last_write_time(
      place.mark("old"), std::filesystem::file_time_type::clock::now() - std::chrono::hours(24));
  const auto stale = place.run("echo nothing", {"--result-file", "old", "--retries", "0"});
  EXPECT_EQ(stale.exit_code, 1) << "an old file was taken for the result: " << stale.out;
  EXPECT_NE(stale.err.find("old"), std::string::npos) << stale.err;
}

}  // namespace
}  // namespace nine::drill
