#include "ninelives/orchestration/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ninelives/orchestration/next_action.hpp"

namespace nine::orchestration {
namespace {

using execution::attempt_ended;
using execution::attempt_outcome;

std::string_view without_trailing_newlines(std::string_view text) {
  const auto end = text.find_last_not_of("\r\n");
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
}

std::string with_tail(std::string reason, const std::string& tail) {
  const auto trimmed = without_trailing_newlines(tail);
  if (!trimmed.empty()) reason += fmt::format("; it said: {}", trimmed);
  return reason;
}

constexpr const char* cannot_start = "it could not be started: ";

/// What a shell ends with when it cannot run (126) or find (127) a command.
bool shell_found_no_program(const environment::exit_status& exit) {
  return exit.how == environment::exit_status::kind::exited &&
         (exit.value == 126 || exit.value == 127);
}

/// A shell's words about a command that starts with a plain name: what is found by PATH, no attempt
/// of an agent brings about, unlike a file of the workspace.
bool says_not_found(const std::string& command, const std::string& output) {
  const auto program = command.substr(0, command.find(' '));
  const bool plain = !program.empty() && program.find('/') == std::string::npos;
  return plain && (output.contains(" " + program + ": not found") ||
                   output.contains(" " + program + ": command not found"));
}

std::string last_line(const std::string& text) {
  const auto trimmed = without_trailing_newlines(text);
  const auto newline = trimmed.rfind('\n');
  return std::string(newline == std::string_view::npos ? trimmed : trimmed.substr(newline + 1));
}

attempt_ended delivered(attempt_ended end, const configuration::agent& agent,
                        const environment::exit_status& exit, leavings left) {
  if (agent.result.from == configuration::result_source::kind::exit_code) {
    left.result = to_string(exit);
  }
  if (!left.result) {
    end.reason = left.result.error().message;
    return end;
  }
  end.outcome = attempt_outcome::delivered;
  end.result.text = std::string(without_trailing_newlines(*left.result));
  return end;
}

}  // namespace

bool was_written_again(const execution::task_state& state, std::int64_t result_file_ns) {
  return std::ranges::none_of(state.attempts, [&](const auto& attempt) {
    return attempt.ended && attempt.ended->result_file_ns == result_file_ns;
  });
}

std::string tail_of(std::string_view text, std::size_t bytes_most) {
  if (text.size() <= bytes_most) return std::string(text);
  auto tail = text.substr(text.size() - bytes_most);
  const auto newline = tail.find('\n');
  if (newline != std::string_view::npos && newline + 1 < tail.size())
    tail.remove_prefix(newline + 1);
  return std::string(tail);
}

attempt_ended judge_attempt(const execution::task_state& state, const configuration::agent& agent,
                            leavings left, wall_time now) {
  const auto& attempt = *state.current_attempt();
  const auto name = execution::attempt_child(state.id, attempt.number);
  attempt_ended end{.attempt = attempt.number,
                    .outcome = attempt_outcome::failed,
                    .result_file_ns = left.result_file_ns};
  if (state.cancelled) {
    end.outcome = attempt_outcome::cancelled;
    end.reason = state.cancelled->reason;
    return end;
  }
  const auto found = state.children.find(name);
  const auto exit = found == state.children.end() ? environment::exit_status{} : found->second.exit;
  const bool asked = found != state.children.end() && found->second.asked;
  if (exit.success() && !asked) return delivered(std::move(end), agent, exit, std::move(left));
  if (const auto expired = expired_reason(state, name, now); !expired.empty()) {
    end.outcome = attempt_outcome::timed_out;
    end.reason = expired;
    return end;
  }
  if (found != state.children.end() && found->second.cannot_run) {
    end.outcome = attempt_outcome::unavailable;
    end.reason = cannot_start + found->second.end_reason;
    return end;
  }
  if (agent.command.shell && shell_found_no_program(exit)) {
    end.outcome = attempt_outcome::unavailable;
    end.reason = with_tail(std::string(cannot_start) + to_string(exit), left.error_tail);
    return end;
  }
  if (exit.how == environment::exit_status::kind::exited && exit.value == exit_unavailable) {
    end.outcome = attempt_outcome::unavailable;
    end.reason = last_line(left.error_tail);
    if (end.reason.empty()) end.reason = "the agent says that what it needs is not available";
    return end;
  }
  const auto& why = found == state.children.end() ? std::string() : found->second.end_reason;
  const bool known = exit.how != environment::exit_status::kind::unknown;
  auto reason = known ? to_string(exit) : why;
  if (known && !why.empty()) reason += ", " + why;
  if (reason.empty()) reason = to_string(exit);
  // Our own agent logs on stderr; its last line is the reason.
  const bool own = agent.kind == configuration::agent_kind::model;
  end.reason = with_tail(std::move(reason), own ? last_line(left.error_tail) : left.error_tail);
  return end;
}

execution::check_ended judge_gate(const execution::task_state& state, int check,
                                  const std::string& name, const execution::child_state& child,
                                  const std::string& output) {
  execution::check_ended verdict;
  verdict.attempt = state.current_attempt()->number;
  verdict.check = check;
  verdict.name = name;
  verdict.passed = child.exit.success() && !child.asked;  // what was cut off has judged nothing
  verdict.cannot_run =
      child.cannot_run || (shell_found_no_program(child.exit) && says_not_found(name, output));
  verdict.evidence = to_string(child.exit);
  if (const auto trimmed = without_trailing_newlines(output); !trimmed.empty()) {
    verdict.evidence += "\n" + std::string(trimmed);
  }
  return verdict;
}

}  // namespace nine::orchestration
