#pragma once

#include <optional>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/configuration/plan.hpp"

namespace nine::configuration {

/// How a program gets its prompt and leaves its result, where whoever gives the task says so.
struct delivery {
  std::optional<prompt_channel> prompt{};
  std::optional<result_source> result{};
  std::optional<duration> attempt_timeout{};
};

/// "argument", "stdin" or "file". Error: invalid_argument, with the nearest known one.
result<prompt_channel> parse_prompt_channel(std::string_view text);

/// "stdout" or "exit_code" (also "exit-code"). Error: invalid_argument, with the nearest known one.
result<result_source> parse_result_source(std::string_view text);

/// A file the agent writes, relative to its directory. Error: invalid_argument, it could lie
/// outside.
result<result_source> result_file(std::string_view path);

/// Gives every program on the plan's ladder this delivery; agents that ask a model have one of
/// their own. Error: invalid_argument, when prompt or result are given and no program is there.
result<void> apply(task_plan& plan, const delivery& wanted);

}  // namespace nine::configuration
