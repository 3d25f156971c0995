#include "ninelives/configuration/delivery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ninelives/configuration/codecs.hpp"
#include "ninelives/configuration/nearest.hpp"

namespace nine::configuration {
namespace {

std::unexpected<error> unknown_word(std::string_view what, std::string_view given,
                                    const std::vector<std::string>& known) {
  return fail(error_code::invalid_argument,
              fmt::format("{} is no way to {}{}", quoted(given), what, suggestion(given, known)));
}

}  // namespace

result<prompt_channel> parse_prompt_channel(std::string_view text) {
  if (text == "argument") return prompt_channel::argument;
  if (text == "stdin") return prompt_channel::standard_input;
  if (text == "file") return prompt_channel::file;
  return unknown_word("give a prompt", text, {"argument", "stdin", "file"});
}

result<result_source> parse_result_source(std::string_view text) {
  if (text == "stdout") return result_source{};
  if (text == "exit_code" || text == "exit-code")
    return result_source{.from = result_source::kind::exit_code, .path = {}};
  return unknown_word("find a result", text, {"stdout", "exit_code"});
}

result<result_source> result_file(std::string_view path) {
  if (is_relative_path(path))
    return result_source{.from = result_source::kind::file, .path = std::string(path)};
  return fail(error_code::invalid_argument,
              fmt::format("the result file {} must be a path below the agent's directory, without "
                          "'..' and no '/' in front",
                          quoted(path)));
}

result<void> apply(task_plan& plan, const delivery& wanted) {
  bool has_program = false;
  for (auto& rung : plan.ladder) {
    if (wanted.attempt_timeout) rung.timeout = wanted.attempt_timeout;
    if (rung.kind != agent_kind::command) continue;
    has_program = true;
    if (wanted.prompt) rung.prompt = *wanted.prompt;
    if (wanted.result) rung.result = *wanted.result;
  }
  if (has_program || (!wanted.prompt && !wanted.result)) return {};
  return fail(error_code::invalid_argument,
              "how prompt and result are handed over can be said for programs only, and this agent "
              "asks a model; give a program after '--', or leave it out");
}

}  // namespace nine::configuration
