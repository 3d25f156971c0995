#include "ninelives/command_line/sendable.hpp"

#include <gtest/gtest.h>

namespace nine::command_line {
namespace {

constexpr auto latin1 = "caf\xE9";

TEST(sendable, utf8_goes_as_it_is) {
  run_request request;
  request.text = "caf\xC3\xA9";
  request.environment = {{"NAME", "caf\xC3\xA9"}};
  ASSERT_TRUE(make_sendable(request));
  EXPECT_EQ(request.environment.size(), 1U);
}

TEST(sendable, variables_with_other_bytes_stay_behind) {
  run_request request;
  request.environment = {{"NAME", latin1}, {latin1, "value"}, {"PATH", "/bin"}};
  ASSERT_TRUE(make_sendable(request));
  EXPECT_EQ(request.environment, (std::map<std::string, std::string>{{"PATH", "/bin"}}));
}

TEST(sendable, what_matters_is_refused_by_its_name) {
  const std::map<std::string, void (*)(run_request&)> places{
      {"the text of the task", [](run_request& request) { request.text = latin1; }},
      {"the input", [](run_request& request) { request.input = latin1; }},
      {"the directory's name", [](run_request& request) { request.directory = latin1; }},
      {"the result file's name", [](run_request& request) { request.result_file = latin1; }},
      {"the command", [](run_request& request) { request.command = {"echo", latin1}; }},
      {"a gate command", [](run_request& request) { request.gates = {latin1}; }},
  };
  for (const auto& [name, spoil] : places) {
    run_request request;
    spoil(request);
    const auto answer = make_sendable(request);
    ASSERT_FALSE(answer) << name;
    EXPECT_EQ(answer.error().code, error_code::invalid_argument);
    EXPECT_TRUE(answer.error().message.starts_with(name)) << answer.error().message;
  }
}

}  // namespace
}  // namespace nine::command_line
