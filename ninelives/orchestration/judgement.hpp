#pragma once

#include <cstdint>
#include <string>

#include "ninelives/base/result.hpp"
#include "ninelives/configuration/settings.hpp"
#include "ninelives/execution/task_state.hpp"

namespace nine::orchestration {

/// What a child left behind.
struct leavings {
  nine::result<std::string> result;  ///< by the agent's result source, or why there is none
  std::string error_tail;            ///< the last lines of stderr
  std::int64_t result_file_ns = 0;   ///< see attempt_ended
};

/// Exit code of a program that finds what it needs missing, as in sysexits.h: trying again is no
/// use.
constexpr int exit_unavailable = 69;

/// The outcome of an attempt whose agent has ended for good (or was never started, because the task
/// was cancelled or out of time before). `result` of the fact holds the text in place; the caller
/// moves long texts into a blob.
execution::attempt_ended judge_attempt(const execution::task_state& state,
                                       const configuration::agent& agent, leavings left,
                                       wall_time now);

/// Whether the file of a result was written since the attempts before left it.
bool was_written_again(const execution::task_state& state, std::int64_t result_file_ns);

/// The verdict on a gate command: exit code 0 passes, its output is the evidence (Q2).
execution::check_ended judge_gate(const execution::task_state& state, int check,
                                  const std::string& name, const execution::child_state& child,
                                  const std::string& output);

/// The last lines of a text, at most `bytes_most` of it, without a torn first line.
std::string tail_of(std::string_view text, std::size_t bytes_most);

}  // namespace nine::orchestration
