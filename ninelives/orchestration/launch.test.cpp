#include "ninelives/orchestration/launch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nine::orchestration {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Not;

launch_context context() {
  launch_context context;
  context.program = "/opt/nine";
  context.workspace = "/work";
  context.prompt_file = "/home/t1/a1.prompt";
  context.prompt = "say \"hi\"; rm -rf /";
  context.caller = {{"PATH", "/bin"},
                    {"HOME", "/root"},
                    {"MY_KEY", "secret"},
                    {"MY_OTHER", "x"},
                    {"NODE_OPTIONS", "--bad"}};
  return context;
}

configuration::agent agent(std::vector<std::string> words) {
  return {.name = "one", .command = {.words = std::move(words)}};
}

TEST(launch, fills_the_prompt_in_as_one_argument) {
  const auto made = launch_of_agent(agent({"tool", "--say={prompt}", "{workspace}"}), context());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(made->arguments, ElementsAre("tool", "--say=say \"hi\"; rm -rf /", "/work"));
  EXPECT_EQ(made->stdin_file, "");
  EXPECT_EQ(made->directory, "/work");
}

TEST(launch, gives_the_prompt_on_standard_input_when_told) {
  auto reader = agent({"tool"});
  reader.prompt = configuration::prompt_channel::standard_input;
  const auto made = launch_of_agent(reader, context());
  ASSERT_TRUE(made);
  EXPECT_THAT(made->arguments, ElementsAre("tool"));
  EXPECT_EQ(made->stdin_file, "/home/t1/a1.prompt");
}

TEST(launch, a_prompt_too_long_for_a_command_line_is_refused_with_the_way_out) {
  auto large = context();
  large.prompt = std::string(200'000, 'x');
  const auto made = launch_of_agent(agent({"tool", "{prompt}"}), large);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, error_code::too_large);
}

// proves: X3
TEST(launch, passes_on_only_the_variables_its_rules_name) {
  auto careful = agent({"tool"});
  careful.environment.pass = {"MY_K*"};
  careful.environment.set = {{"HOME", "/elsewhere"}};
  const auto made = launch_of_agent(careful, context());
  ASSERT_TRUE(made);
  EXPECT_THAT(made->environment, Contains(Key("PATH")));
  EXPECT_THAT(made->environment, Contains(Key("MY_KEY")));
  EXPECT_THAT(made->environment, Not(Contains(Key("MY_OTHER"))));
  EXPECT_THAT(made->environment, Not(Contains(Key("NODE_OPTIONS"))));
  EXPECT_EQ(made->environment.at("HOME"), "/elsewhere");
}

TEST(launch, the_own_agent_is_told_its_endpoint_by_variables) {
  configuration::agent own{.name = "model", .kind = configuration::agent_kind::model, .model = "m"};
  auto where = context();
  where.models["m"] = {
      .name = "m", .base_url = "http://x/v1", .id = "clever-1", .api_key_variable = "MY_KEY"};
  const auto made = launch_of_agent(own, where);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(made->arguments, ElementsAre("/opt/nine", "model-agent"));
  EXPECT_EQ(made->environment.at("NINE_MODEL_BASE_URL"), "http://x/v1");
  EXPECT_EQ(made->environment.at("NINE_MODEL"), "clever-1");
  EXPECT_EQ(made->environment.at("NINE_MODEL_API_KEY"), "secret");
  for (const auto* unset : {"NINE_MODEL_MAX_OUTPUT_TOKENS", "NINE_MODEL_TEMPERATURE"})
    EXPECT_THAT(made->environment, Not(Contains(Key(unset)))) << "the provider's default holds";
  where.models["m"].max_output_tokens = 700;
  where.models["m"].output_limit_field = configuration::output_limit_field::max_completion_tokens;
  where.models["m"].temperature = 0.5;
  const auto told = launch_of_agent(own, where);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->environment.at("NINE_MODEL_MAX_OUTPUT_TOKENS"), "700");
  EXPECT_EQ(told->environment.at("NINE_MODEL_OUTPUT_LIMIT_FIELD"), "max_completion_tokens");
  EXPECT_EQ(told->environment.at("NINE_MODEL_TEMPERATURE"), "0.5");
  own.model = "unknown";
  EXPECT_FALSE(launch_of_agent(own, where));
}

TEST(launch, a_gate_gets_the_callers_variables_but_no_key_of_a_model) {
  auto where = context();
  where.models["m"] = {.name = "m", .api_key_variable = "MY_KEY"};
  const auto made = launch_of_command({.words = {"make", "test"}}, where);
  ASSERT_TRUE(made);
  EXPECT_THAT(made->environment, Contains(Key("MY_OTHER")));
  EXPECT_THAT(made->environment, Not(Contains(Key("MY_KEY"))));
}

TEST(launch, the_start_message_adds_what_only_this_incarnation_has) {
  launch prepared;
  prepared.arguments = {"tool"};
  prepared.environment = {{"A", "1"}, {"NINE_EPOCH", "forged"}};
  const auto message = start_message(prepared, epoch(4), {"/o", "/e"}, {{"NINE_EPOCH", "4"}});
  EXPECT_EQ(message.incarnation, epoch(4));
  EXPECT_THAT(message.environment, ElementsAre("A=1", "NINE_EPOCH=4"));
  EXPECT_EQ(message.stdout_file, "/o");
  EXPECT_EQ(message.stderr_file, "/e");
}

}  // namespace
}  // namespace nine::orchestration
