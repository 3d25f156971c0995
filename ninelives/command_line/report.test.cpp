#include "ninelives/command_line/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace nine::command_line {
namespace {

using testing::HasSubstr;
using testing::Not;

boost::json::object status_with(const char* journal, const char* configuration) {
  auto status = boost::json::parse(R"({"state":"running",
      "tasks":{"live":3,"working":2,"waiting":1,"limit":8},
      "processes":[
        {"role":"core","pid":12,"state":"running","since_ms":1800000000000,"heartbeat_age_ms":250},
        {"role":"agent","pid":34,"state":"stopped","since_ms":null,"heartbeat_age_ms":null,
         "child":"t1.a1","epoch":3}]})")
                    .as_object();
  status["journal"] = boost::json::parse(journal);
  status["configuration"] = boost::json::parse(configuration);
  return status;
}

TEST(report, status_names_each_process_with_its_age_heartbeat_and_child) {
  const auto text = status_text(status_with(R"({"health":"working"})", R"({"health":"good"})"));
  EXPECT_THAT(text, HasSubstr("running: 3 tasks unfinished, 2 at work, 1 waiting (limit 8)"));
  EXPECT_THAT(text, testing::ContainsRegex("core +12 +running +2027-01-1[45] .* 0.2 s ago"));
  EXPECT_THAT(text, testing::ContainsRegex("agent +34 +stopped +- +- +t1.a1 +3"));
  EXPECT_THAT(text, Not(HasSubstr("JOURNAL")));
  EXPECT_THAT(text, Not(HasSubstr("CONFIGURATION")));
}

TEST(report, status_says_that_the_store_failed_and_why) {
  const auto text = status_text(status_with(
      R"({"health":"failed","last_error":"no space left on device"})", R"({"health":"good"})"));
  EXPECT_THAT(text, HasSubstr("JOURNAL failed: no space left on device"));
}

// proves: O6
TEST(report, status_says_which_configuration_was_refused) {
  struct row {
    const char* configuration;
    const char* told;
  };
  const row table[] = {
      {R"({"refused_at_start":"nine.yaml:1:2: x","refused_now":"nine.yaml:1:2: x"})",
       "refused when the core started, the built-in one holds: nine.yaml:1:2: x"},
      {R"({"refused_now":"nine.yaml:3:4: y"})", "would be refused now: nine.yaml:3:4: y"},
      {R"({"refused_at_start":"nine.yaml:1:2: x"})", "it is right now; end the core"},
  };
  for (const auto& [configuration, told] : table) {
    EXPECT_THAT(status_text(status_with(R"({"health":"working"})", configuration)),
                HasSubstr(told));
  }
}

// proves: X3
TEST(report, words_of_others_do_not_steer_the_terminal) {
  const auto task = boost::json::parse(
                        R"({"task":"t1","status":"failed","text":"a\u001b[2Jb","directory":"/d",
                            "duration_ms":5,"reason":"bad \u001b]0;title\u0007 key\nmore",
                            "missing":["mo\u009bdel"],
                            "history":[{"attempt":1,"agent":"x","reason":"\u001bc","checks":
                              [{"name":"g","passed":false,"evidence":"\u001b[31mred"}]}],
                            "timeline":[{"at_ms":1800000000000,"what":"said \u001b[1m"}]})")
                        .as_object();
  for (const auto& told : {end_line(task), task_detail(task), explanation(task)}) {
    EXPECT_THAT(told, Not(HasSubstr("\x1b")));
    EXPECT_THAT(told, Not(HasSubstr("\x07")));
    EXPECT_THAT(told, Not(HasSubstr("\xC2\x9B")));
    EXPECT_THAT(told, HasSubstr("bad \\x1b]0;title\\x07 key"));
  }
  EXPECT_THAT(end_line(task), Not(HasSubstr("\n")));
  EXPECT_EQ(log_line("last words \x1b[5m"), "last words \\x1b[5m\n");
}

TEST(report, a_result_stays_as_the_agent_gave_it) {
  const auto task = boost::json::parse(R"({"task":"t1","result":"\u001b[31mred\u001b[0m"})");
  EXPECT_THAT(task_detail(task.as_object()), HasSubstr("\x1b[31mred"));
}

TEST(report, a_line_of_a_log_is_for_people_and_last_words_stay_as_they_are) {
  EXPECT_THAT(log_line(R"({"ts":"2026-11-22T05:18:54.123Z","level":"warning","event":"e",)"
                       R"("message":"t1.a1 ended: signal 9","role":"core","task":"t1","epoch":3})"),
              testing::ContainsRegex(
                  "2026-11-2[123] ..:..:54.123 warning core  t1.a1 ended: signal 9  task=t1  "
                  "epoch=3\n"));
  EXPECT_EQ(log_line("assertion failed: x"), "assertion failed: x\n");
}

TEST(report, a_line_of_json_stays_one_and_last_words_become_one) {
  EXPECT_EQ(log_json(R"({"ts":"1"})", "0"), "{\"ts\":\"1\"}\n");
  EXPECT_EQ(log_json("last \xFF", "0"), "{\"ts\":\"0\",\"message\":\"last \xEF\xBF\xBD\"}\n");
}

TEST(report, tables_and_trees_do_not_steer_the_terminal) {
  const auto task = boost::json::parse(R"({"task":"t1","status":"failed","text":"\u001b[2J",
      "what":"\u001b[2J","at_ms":1,"duration_ms":1,
      "children":[{"name":"\u001b[2J","state":"\u001b[2J"}]})")
                        .as_object();
  const boost::json::object list{{"tasks", boost::json::array{task}}};
  for (const auto& told : {task_table(list), tree_text(list), event_line(task)}) {
    EXPECT_THAT(told, HasSubstr("\\x1b[2J"));
    EXPECT_THAT(told, Not(HasSubstr("\x1b")));
  }
}

TEST(report, a_tree_has_its_branches_joined) {
  const auto tree = boost::json::parse(R"({"strategy":"one_for_one","tasks":[
      {"task":"t1","status":"running","text":"one","children":[
        {"name":"t1.a1","state":"restarting","epoch":3,"restarts":2,"starts_in_ms":4000,"processes":[
          {"role":"shim","pid":7,"state":"connected","since_ms":null}]}]},
      {"task":"t2","status":"running","text":"two","children":[
        {"name":"t2.a1","state":"running","epoch":1,"restarts":0,"processes":[
          {"role":"shim","pid":8,"state":"connected","since_ms":null},
          {"role":"agent","pid":9,"state":"running","since_ms":null}]}]}]})");
  EXPECT_EQ(tree_text(tree.as_object()),
            "tasks (one_for_one)\n"
            "├─ t1 running one\n"
            "│  └─ t1.a1 restarting, life 3, restarts 2, starts in 4 s\n"
            "│     └─ shim 7 connected since -\n"
            "└─ t2 running two\n"
            "   └─ t2.a1 running, life 1, restarts 0\n"
            "      ├─ shim 8 connected since -\n"
            "      └─ agent 9 running since -\n");
}

TEST(report, an_event_is_a_sentence_with_its_time_and_task) {
  const auto event = boost::json::parse(R"({"sequence":5,"task":"t12","at_ms":1800000000123,
      "kind":"attempt_ended","what":"attempt 1 failed: exit code 3","body":{}})");
  EXPECT_THAT(event_line(event.as_object()),
              testing::ContainsRegex("2027-01-1[45] ..:..:..\\.123 +t12  attempt 1 failed"));
}

}  // namespace
}  // namespace nine::command_line
