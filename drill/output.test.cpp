// What commands print: whole or not at all, and JSON where JSON was asked for.

#include <gtest/gtest.h>
#include <signal.h>

#include <sstream>

#include "drill/shell.hpp"

namespace nine::drill {
namespace {

TEST(output, a_result_that_cannot_be_written_is_no_success) {
  home place;
  struct row {
    std::string script;
    int exit_code;
    std::string said;
  };
  const row table[] = {
      {"nine run 'do it' -- echo result >/dev/full", 1, "nine: cannot write the result"},
      {"nine run 'do it' -- echo result >&-", 1, "nine: cannot write the result"},
      {"nine task list --json >/dev/full", 1, "nine: cannot write the result"},
      {"{ nine run 'do it' -- echo result; echo $? >code; } | true; cat code", 0, ""},
      {"nine run 'do it' -- echo result <&- 2>&-", 0, ""},
  };
  for (const auto& [script, exit_code, said] : table) {
    const auto ended = shell(place, script);
    EXPECT_EQ(ended.exit_code, exit_code) << script;
    EXPECT_TRUE(ended.err.contains(said)) << script << ": " << ended.err;
    EXPECT_EQ(ended.err.empty(), said.empty()) << script << ": " << ended.err;
  }
}

/// Whether each line is a JSON object, and there is one.
testing::AssertionResult is_json(const std::string& text) {
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    boost::json::error_code problem;
    const auto value = boost::json::parse(line, problem);
    if (problem || !value.is_object()) return testing::AssertionFailure() << "no object: " << line;
  }
  return count > 0 ? testing::AssertionSuccess() : testing::AssertionFailure() << "nothing printed";
}

TEST(output, every_command_speaks_json_when_it_is_asked_to) {
  home place;
  const auto id = place.give("echo out; echo err >&2");
  place.wait(id);
  // The last words of a dying process are no JSON.
  ASSERT_EQ(shell(place,
                  "echo 'last words' >>../log/core.log; "
                  "printf 'bytes \\377\\n' >>../log/guard.log")
                .exit_code,
            0);
  const std::vector<std::string> table[] = {
      {"run", "do it", "--", "echo", "x"},
      {"run", "--detach", "do it", "--", "echo", "x"},
      {"task", "list"},
      {"task", "show", id},
      {"task", "explain", id},
      {"task", "wait", id},
      {"task", "retry", id},
      {"task", "cancel", place.give("exec sleep 600")},
      {"ps"},
      {"tree"},
      {"status"},
      {"logs"},
      {"logs", id},
      {"logs", id, "--follow"},
      {"events"},
      {"doctor"},
      {"up"},
      {"down"},
      {"status"},
      {"down"},
  };
  for (auto words : table) {
    const auto named = words[0] + " " + (words.size() > 1 ? words[1] : "");
    words.insert(words.begin() + (words[0] == "task" ? 2 : 1), "--json");
    EXPECT_TRUE(is_json(place.nine(words).out)) << named;
  }
  ASSERT_EQ(shell(place, "nine down --reason \"$(printf 'bytes \\377')\"").exit_code, 0);
  EXPECT_TRUE(is_json(place.nine({"status", "--json"}).out));
}

TEST(output, a_task_is_the_same_object_at_its_end_and_ever_after) {
  home place;
  const auto ran = place.nine({"run", "--json", "do it", "--", "echo", "result"});
  const auto ended = boost::json::parse(ran.out).as_object();
  EXPECT_EQ(place.task("t1"), ended) << boost::json::serialize(place.task("t1")) << ran.out;
  for (const auto* name : {"task", "status", "result", "reason"})
    EXPECT_TRUE(ended.at(name).is_string()) << name;
  for (const auto* name : {"attempts", "restarts", "duration_ms"})
    EXPECT_TRUE(ended.at(name).is_number()) << name;
  EXPECT_TRUE(ended.at("missing").is_array());
  EXPECT_TRUE(ended.at("cost").is_object());
}

TEST(output, who_detaches_from_a_run_with_json_gets_an_object) {
  home place;
  const auto client =
      place.start({"run", "--json", "do it", "--", "/bin/sh", "-c", ": >begun; exec sleep 600"});
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
  client->signal(SIGINT);
  const auto left = client->wait();
  EXPECT_EQ(left.exit_code, 130);
  ASSERT_TRUE(is_json(left.out)) << left.out;
  EXPECT_EQ(text(boost::json::parse(left.out).as_object(), "task"), "t1");
}

TEST(output, a_list_of_tasks_does_not_carry_their_results) {
  home place;
  place.wait(place.give("echo a result"));
  const auto listed = place.json({"task", "list"});
  EXPECT_FALSE(listed.at("tasks").at(0).as_object().contains("result"));
}

}  // namespace
}  // namespace nine::drill
