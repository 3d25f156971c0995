#include "ninelives/configuration/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "ninelives/configuration/load.hpp"

namespace nine::configuration {
namespace {

using testing::HasSubstr;

settings example() {
  const layer only{layer_kind::home, "nine.yaml", R"(
agents:
  small: {kind: model, model: cheap, needs: [model]}
  plain:
    command: cat {prompt_file} | ./write
    result: exit_code
    directory: sub
    timeout: 90s
    environment: {set: {A: ""}}
models:
  cheap:
    base_url: http://localhost/v1
    temperature: 0.1
    max_output_tokens: 700
    output_limit_field: max_completion_tokens
  other: {}
tasks:
  message:
    prompt: Write.
    input: {command: git diff}
    ladder: [small, plain]
    gates: [[make, test]]
    validate: [non_empty, {not_copy_of_input: 0.85}, {first_line_max: 72}]
    timeout: 5m
defaults: {agent: plain, retries: 1, gate_timeout: 30s}
)"};
  auto all = load({&only, 1});
  EXPECT_TRUE(all) << to_error(all.error()).message;
  return *std::move(all);
}

TEST(plan, a_type_is_resolved_with_its_agents_models_and_the_defaults) {
  const auto plan = plan_type(example(), "message");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->type, "message");
  ASSERT_EQ(plan->ladder.size(), 2U);
  EXPECT_EQ(plan->ladder[0].name, "small");
  EXPECT_EQ(plan->models.size(), 1U);
  EXPECT_EQ(plan->retries, 1U);
  EXPECT_EQ(plan->timeout, 5min);
  EXPECT_EQ(plan->gate_timeout, 30s);
}

TEST(plan, a_name_that_is_not_known_is_told_with_the_nearest) {
  const auto all = example();
  EXPECT_EQ(plan_type(all, "mesage").error(),
            (error{error_code::not_found, "no task type 'mesage'; did you mean 'message'?"}));
  EXPECT_EQ(plan_agent(all, "plane").error(),
            (error{error_code::not_found, "no agent 'plane'; did you mean 'plain'?"}));
  EXPECT_EQ(plan_agent(settings{}, "").error().code, error_code::invalid_argument);
}

TEST(plan, without_a_name_the_default_agent_is_taken) {
  const auto plan = plan_agent(example(), "");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->ladder[0].name, "plain");
  EXPECT_EQ(plan->type, "");
}

TEST(plan, what_is_written_as_json_reads_back_the_same) {
  const auto all = example();
  agent typed{.name = "command", .command = {.words = {"echo", "{prompt}"}}};
  for (const auto& plan :
       {*plan_type(all, "message"), *plan_agent(all, "plain"), plan_command(all, typed)}) {
    const auto text = boost::json::serialize(to_json(plan));
    const auto again = task_plan_from_json(boost::json::parse(text));
    ASSERT_TRUE(again) << again.error().message << "\n" << text;
    EXPECT_EQ(*again, plan) << text;
  }
}

TEST(plan, one_of_before_retries_were_limited_is_read_with_the_most_there_may_be) {
  auto stored = to_json(*plan_agent(example(), "plain"));
  stored["task"].as_object()["retries"] = 100;
  const auto plan = task_plan_from_json(stored);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->retries, 3U);
}

TEST(plan, damaged_json_is_refused_with_the_reason) {
  const auto good = to_json(*plan_agent(example(), "plain"));
  auto without_agent = good;
  without_agent["agents"].as_object().erase("plain");
  EXPECT_THAT(task_plan_from_json(without_agent).error().message, HasSubstr("no agent 'plain'"));
  auto strange = good;
  strange["tusk"] = 1;
  EXPECT_THAT(task_plan_from_json(strange).error().message, HasSubstr("did you mean 'task'?"));
  for (const auto* text : {"null", "[]", "1", "\"x\"", "{\"task\": 5}"}) {
    EXPECT_EQ(task_plan_from_json(boost::json::parse(text)).error().code, error_code::corrupted)
        << text;
  }
}

}  // namespace
}  // namespace nine::configuration
