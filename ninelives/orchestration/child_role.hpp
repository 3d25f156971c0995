#pragma once

#include <optional>
#include <string>

#include "ninelives/execution/task_state.hpp"

namespace nine::orchestration {

/// What a child process does for its task's present attempt.
struct child_role {
  enum class kind {
    input,  ///< the command that makes the task's input
    agent,  ///< works at the present attempt
    gate,   ///< checks what the present attempt delivered
    past,   ///< of an earlier attempt, or of nothing known
  };
  kind what = kind::past;
  int gate = -1;  ///< for a gate: index into the plan's gates

  bool operator==(const child_role&) const = default;
};

child_role role_of_child(const execution::task_state& state, const std::string& child);

/// The definition of the agent that works at the present attempt. There must be one.
const configuration::agent& current_agent(const execution::task_state& state);

/// How people know a command: its words.
std::string name_of(const configuration::command_line& command);

/// What follows when a child could not even be begun: a verdict on the input, the attempt or the
/// gate. None when nothing depends on it any more.
std::optional<execution::event> launch_failure(const execution::task_state& state,
                                               const std::string& child, const error& why);

}  // namespace nine::orchestration
