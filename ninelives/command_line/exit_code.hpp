#pragma once

#include <string_view>

namespace nine::command_line {

/// What `nine` ends with; the same for every command.
enum exit_code : int {
  exit_succeeded = 0,
  exit_failed = 1,
  exit_usage = 2,
  exit_degraded = 3,
  exit_needs_person = 4,
  exit_budget = 5,
  exit_cancelled = 130,
};

/// The exit code for a task's status; exit_failed for one that has not ended.
inline int exit_code_of(std::string_view status) {
  if (status == "succeeded") return exit_succeeded;
  if (status == "degraded") return exit_degraded;
  if (status == "cancelled") return exit_cancelled;
  return exit_failed;
}

}  // namespace nine::command_line
