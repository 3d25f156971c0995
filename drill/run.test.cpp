// `nine run`: how a program gets its prompt and leaves its result, and what Ctrl-C does.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>

#include "drill/home.hpp"
#include "drill/shell.hpp"

namespace nine::drill {
namespace {

/// All as it is shipped but for the length of the rest.
// proves: S3, S4
TEST(run, an_agent_that_does_nothing_but_crash_gives_way_to_the_next_one) {
  home place(
      "supervision: {crash_loop: {cool_down: 2s}}\n"
      "agents:\n"
      "  crasher: {command: 'echo >> lives; kill -9 $$'}\n"
      "  plain: {command: [echo, plain], degrades: [model]}\n"
      "tasks:\n  note: {prompt: Say something., ladder: [crasher, plain], retries: 0}\n");
  const auto ended = place.nine({"run", "note", "--json"});
  EXPECT_EQ(ended.exit_code, 3) << ended.out << ended.err;
  const auto lives = read_file(place.mark("lives"));
  EXPECT_EQ(std::count(lives.begin(), lives.end(), '\n'), 6);
  const auto log = read_file(place.root() + "/log/core.log");
  EXPECT_TRUE(log.contains("it waits 2.0 s, for 3 crashes in 120 s are too many"));
}

TEST(run, a_program_gets_its_prompt_as_the_task_says) {
  home place;
  const std::pair<std::vector<std::string>, std::string> table[] = {
      {{"--", "cat"}, "say it\n"},
      {{"--prompt", "stdin", "--", "cat"}, "say it\n"},
      {{"--prompt", "argument", "--", "echo", "argument:"}, "argument: say it\n"},
      {{"--prompt", "file", "--", "cat"}, "say it\n"},
      {{"--", "echo", "<{prompt}>"}, "<say it>\n"},
      {{"--", "/bin/sh", "-c", "cat \"$1\"", "x", "{prompt_file}"}, "say it\n"},
      {{"--", "/bin/sh", "-c", "cat \"$NINE_PROMPT_FILE\""}, "say it\n"},
  };
  for (const auto& [options, printed] : table) {
    std::vector<std::string> words{"run", "say it"};
    words.insert(words.end(), options.begin(), options.end());
    const auto ended = place.nine(words);
    EXPECT_EQ(ended.exit_code, 0) << options.back() << ": " << ended.err;
    EXPECT_EQ(ended.out, printed) << options.back();
  }
}

TEST(run, the_result_is_found_where_the_task_says) {
  home place;
  const auto file = place.nine({"run", "do it", "--result-file", "answer", "--", "/bin/sh", "-c",
                                "echo noise; echo 42 > answer"});
  EXPECT_EQ(file.exit_code, 0) << file.err;
  EXPECT_EQ(file.out, "42\n");
  const auto code =
      place.nine({"run", "do it", "--result", "exit_code", "--", "/bin/sh", "-c", "echo noise"});
  EXPECT_EQ(code.exit_code, 0) << code.err;
  EXPECT_EQ(code.out, "exit code 0\n");
  const auto bad = place.nine(
      {"run", "do it", "--result", "exit-code", "--retries", "0", "--", "/bin/sh", "-c", "exit 7"});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_NE(bad.err.find("exit code 7"), std::string::npos) << bad.err;
}

// proves: Q8
TEST(run, a_result_file_that_an_earlier_attempt_left_is_no_result) {
  home place;
  const auto ended =
      place.nine({"run", "do it", "--json", "--retries", "1", "--result-file", "answer", "--",
                  "/bin/sh", "-c", "[ -e answer ] && exit 0; echo half > answer; exit 1"});
  EXPECT_EQ(ended.exit_code, 1) << ended.out;
  EXPECT_TRUE(ended.out.contains("this one wrote none")) << ended.out;
}

// proves: Q2
TEST(run, a_gate_that_was_cut_off_has_not_passed) {
  home place("defaults: {gate_timeout: 1s}\n");
  const auto ended = place.nine({"run", "do it", "--retries", "0", "--gate",
                                 "trap 'exit 0' TERM; sleep 60 & wait", "--", "echo", "done"});
  EXPECT_EQ(ended.exit_code, 1) << ended.out;
  EXPECT_TRUE(ended.err.contains("time limit")) << ended.err;
}

TEST(run, a_gate_that_is_not_there_is_told_at_once) {
  home place;
  const auto ended = place.nine(
      {"run", "do it", "--json", "--gate", "npn test", "--", "/bin/sh", "-c", "echo x >> lives"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_TRUE(ended.out.contains("cannot be run")) << ended.out;
  EXPECT_EQ(read_file(place.mark("lives")), "x\n");
}

// proves: R1
TEST(run, an_attempts_limit_does_not_count_the_wait_for_a_place) {
  home place("limits: {concurrent_agents: 1}\n");
  const auto first = place.give(": > begun; sleep 3; echo first");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
  const auto second = place.nine(
      {"run", "do it", "--retries", "0", "--attempt-timeout", "2s", "--", "echo", "second"});
  EXPECT_EQ(second.out, "second\n") << second.err;
  EXPECT_EQ(text(place.wait(first), "result"), "first");
}

TEST(run, an_input_may_come_through_a_pipe) {
  home place;
  for (const std::string script :
       {"echo piped | nine run about --agent shown --input /dev/stdin",
        "echo piped | nine run about --agent shown --input -",
        "mkfifo pipe; echo piped >pipe & nine run about --agent shown --input pipe"}) {
    write_file(place.mark("nine.yaml"), "agents: {shown: {command: [cat], prompt: stdin}}\n");
    const auto ended = shell(place, script);
    EXPECT_EQ(ended.exit_code, 0) << script << ": " << ended.err;
    EXPECT_TRUE(ended.out.contains("piped")) << script;
  }
}

TEST(run, the_agents_of_a_file_can_be_told_too) {
  home place("agents:\n  mine:\n    command: [/bin/sh, -c, 'echo \"$0 $1\"; echo 7 > out', x]\n");
  EXPECT_EQ(place.nine({"run", "say it", "--agent", "mine"}).out, "x say it\n");
  EXPECT_EQ(place.nine({"run", "say it", "--agent", "mine", "--result-file", "out"}).out, "7\n");
  EXPECT_EQ(place.nine({"run", "say it", "--agent", "mine", "--prompt", "stdin"}).out, "x \n");
}

TEST(run, the_agent_runs_where_and_with_what_it_is_told) {
  home place;
  ::mkdir(place.mark("below").c_str(), 0700);
  place.set("FROM_CALLER", "handed on");
  place.set("SECRET", "kept back");
  const auto ended =
      place.nine({"run", "do it", "-C", "below", "--env", "FROM_CALLER", "--env", "GIVEN=a b=c",
                  "--", "/bin/sh", "-c", "echo \"${PWD##*/} $FROM_CALLER $GIVEN [$SECRET]\""});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "below handed on a b=c []\n");
}

// proves: R1
TEST(run, an_attempt_and_a_task_end_at_their_limits) {
  home place;
  const auto attempt = place.nine({"run", "do it", "--attempt-timeout", "200ms", "--retries", "0",
                                   "--", "/bin/sh", "-c", "exec sleep 600"});
  EXPECT_EQ(attempt.exit_code, 1);
  EXPECT_NE(attempt.err.find("its time limit"), std::string::npos) << attempt.err;
  const auto task =
      place.nine({"run", "do it", "--timeout", "1s", "--", "/bin/sh", "-c", "exec sleep 600"});
  EXPECT_EQ(task.exit_code, 1);
  EXPECT_NE(task.err.find("time limit"), std::string::npos) << task.err;
}

// proves: Q2, Q3
TEST(run, a_gate_that_fails_is_the_feedback_of_the_next_attempt) {
  home place;
  const auto ended = place.nine({"run", "do it", "--json", "--gate", "echo no 2 here; grep 2 got",
                                 "--", "/bin/sh", "-c",
                                 "cat > seen.$NINE_ATTEMPT; echo "
                                 "$NINE_ATTEMPT | tee got"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const auto task = boost::json::parse(ended.out).as_object();
  EXPECT_EQ(text(task, "result"), "2");
  EXPECT_EQ(task.at("attempts").to_number<int>(), 2);
  EXPECT_NE(read_file(place.mark("seen.2")).find("no 2 here"), std::string::npos);
}

// --- Ctrl-C ---

/// A `nine run` that waits for an agent that waits for the mark "go".
struct waiting_run {
  home place;
  std::unique_ptr<running_program> client;

  waiting_run() {
    client = place.start({"run", "do it", "--", "/bin/sh", "-c",
                          ": > begun; while [ ! -e go ]; do sleep 0.05; done; echo came back"});
    EXPECT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
    client->signal(SIGINT);
    EXPECT_TRUE(eventually([&] { return client->err().find("detached") != std::string::npos; }));
  }
};

// proves: P1
TEST(run, a_first_ctrl_c_detaches_and_says_how_to_come_back) {
  waiting_run waiting;
  const auto left = waiting.client->wait();
  EXPECT_EQ(left.exit_code, 130);
  EXPECT_NE(left.err.find("'nine task wait t1'"), std::string::npos) << left.err;
  EXPECT_EQ(text(waiting.place.task("t1"), "status"), "running");
  write_file(waiting.place.mark("go"), "");
  const auto back = waiting.place.nine({"task", "wait", "t1"});
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_EQ(back.out, "came back\n");
}

// proves: S16
TEST(run, a_second_ctrl_c_cancels) {
  waiting_run waiting;
  waiting.client->signal(SIGINT);
  const auto left = waiting.client->wait();
  EXPECT_EQ(left.exit_code, 130);
  EXPECT_NE(left.err.find("cancelled t1"), std::string::npos) << left.err;
  EXPECT_EQ(text(waiting.place.wait("t1"), "status"), "cancelled");
}

}  // namespace
}  // namespace nine::drill
