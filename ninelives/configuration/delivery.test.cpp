#include "ninelives/configuration/delivery.hpp"

#include <gtest/gtest.h>

namespace nine::configuration {
namespace {

task_plan plan_of(std::initializer_list<agent_kind> kinds) {
  task_plan plan;
  for (const auto kind : kinds) {
    agent made;
    made.kind = kind;
    plan.ladder.push_back(made);
  }
  return plan;
}

TEST(delivery, reads_the_words_of_the_configuration) {
  EXPECT_EQ(*parse_prompt_channel("argument"), prompt_channel::argument);
  EXPECT_EQ(*parse_prompt_channel("stdin"), prompt_channel::standard_input);
  EXPECT_EQ(*parse_prompt_channel("file"), prompt_channel::file);
  EXPECT_EQ(parse_result_source("stdout")->from, result_source::kind::standard_output);
  EXPECT_EQ(parse_result_source("exit_code")->from, result_source::kind::exit_code);
  EXPECT_EQ(parse_result_source("exit-code")->from, result_source::kind::exit_code);
  EXPECT_EQ(result_file("out/a.md")->path, "out/a.md");
}

TEST(delivery, refuses_other_words_with_the_nearest_known) {
  EXPECT_NE(parse_prompt_channel("stdn").error().message.find("'stdin'"), std::string::npos);
  EXPECT_NE(parse_result_source("exitcode").error().message.find("'exit_code'"), std::string::npos);
}

TEST(delivery, refuses_a_result_file_that_could_lie_elsewhere) {
  for (const auto* path : {"", "/etc/passwd", "..", "../up", "a/../../b", "a/.."})
    EXPECT_FALSE(result_file(path)) << path;
}

TEST(delivery, is_applied_to_programs_alone) {
  auto plan = plan_of({agent_kind::model, agent_kind::command});
  const delivery wanted{.prompt = prompt_channel::file,
                        .result = *parse_result_source("exit_code"),
                        .attempt_timeout = 7s};
  ASSERT_TRUE(apply(plan, wanted));
  EXPECT_EQ(plan.ladder[0].prompt, prompt_channel::argument);
  EXPECT_EQ(plan.ladder[0].timeout, duration(7s));
  EXPECT_EQ(plan.ladder[1].prompt, prompt_channel::file);
  EXPECT_EQ(plan.ladder[1].result.from, result_source::kind::exit_code);
}

TEST(delivery, needs_a_program) {
  auto plan = plan_of({agent_kind::model});
  EXPECT_TRUE(apply(plan, {.attempt_timeout = 7s}));
  EXPECT_FALSE(apply(plan, {.prompt = prompt_channel::file}));
}

}  // namespace
}  // namespace nine::configuration
