#include "ninelives/configuration/command_arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nine::configuration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const placeholder_values values{"do {workspace} it", "/run/p.txt", "/work space"};

agent words(std::vector<std::string> command) {
  return {.name = "a", .command = {.words = std::move(command)}};
}

agent shell(std::string line) {
  return {.name = "a", .command = {.words = {std::move(line)}, .shell = true}};
}

std::vector<std::string> arguments_of(const agent& definition) {
  return expand(definition, values).value().arguments;
}

TEST(command_arguments, placeholders_are_filled_in_once) {
  EXPECT_THAT(arguments_of(words({"x", "{prompt}", "-f={prompt_file}", "{workspace}", "{other}"})),
              ElementsAre("x", "do {workspace} it", "-f=/run/p.txt", "/work space", "{other}"));
}

TEST(command_arguments, without_a_placeholder_the_prompt_goes_where_the_agent_says) {
  auto definition = words({"x"});
  EXPECT_THAT(arguments_of(definition), ElementsAre("x", "do {workspace} it"));
  definition.prompt = prompt_channel::file;
  EXPECT_THAT(arguments_of(definition), ElementsAre("x", "/run/p.txt"));
  definition.prompt = prompt_channel::standard_input;
  EXPECT_EQ(*expand(definition, values), (expanded_command{{"x"}, true}));
}

TEST(command_arguments, a_placeholder_wins_over_the_prompt_channel) {
  auto definition = words({"x", "{prompt_file}"});
  definition.prompt = prompt_channel::standard_input;
  EXPECT_EQ(*expand(definition, values), (expanded_command{{"x", "/run/p.txt"}, false}));
}

TEST(command_arguments, the_shell_gets_values_as_arguments_however_the_text_quotes_them) {
  EXPECT_THAT(arguments_of(shell("run {prompt} \"{prompt}\" '{prompt}' \\\" {prompt}")),
              ElementsAre("/bin/sh", "-c",
                          "nine_prompt=$1; shift; run \"${nine_prompt}\" \"${nine_prompt}\" "
                          "''\"${nine_prompt}\"'' \\\" \"${nine_prompt}\"",
                          "nine", "do {workspace} it"));
  EXPECT_THAT(arguments_of(shell("cd {workspace} && x {prompt_file}")),
              ElementsAre("/bin/sh", "-c",
                          "nine_workspace=$1; shift; nine_prompt_file=$1; shift; "
                          "cd \"${nine_workspace}\" && x \"${nine_prompt_file}\"",
                          "nine", "/work space", "/run/p.txt"));
}

TEST(command_arguments, a_text_without_placeholders_is_left_as_it_is) {
  EXPECT_THAT(*expand(command_line{.words = {"npm test"}, .shell = true}, values),
              ElementsAre("/bin/sh", "-c", "npm test"));
}

TEST(command_arguments, what_cannot_stand_on_a_command_line_is_refused_with_another_way) {
  auto large = values;
  large.prompt = std::string(argument_bytes_most + 1, 'x');
  const auto refused = expand(words({"x"}), large);
  EXPECT_EQ(refused.error().code, error_code::too_large);
  EXPECT_THAT(refused.error().message, HasSubstr("'prompt: stdin'"));
  EXPECT_TRUE(expand(words({"x", "{prompt_file}"}), large));
  EXPECT_TRUE(expand(shell("x {prompt_file}"), large));
  large.prompt = std::string("a\0b", 3);
  EXPECT_EQ(expand(words({"x"}), large).error().code, error_code::invalid_argument);
}

}  // namespace
}  // namespace nine::configuration
