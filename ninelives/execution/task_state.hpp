#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/execution/facts.hpp"

namespace nine::execution {

/// A step as the facts tell it.
struct step_state {
  effect kind = effect::pure;
  epoch intended_in;  ///< the incarnation that began it last
  bool finished = false;
  bool succeeded = false;
  bool uncertain = false;
  bool doubtful = false;  ///< somebody before began it too, and nobody knows what came of that
  content result;
  int replays = 0;
};

/// One child process of a task (an agent, a gate, the input command) over all its incarnations.
struct child_state {
  int incarnations = 0;
  epoch last;
  bool live = false;         ///< started or about to be, and not known to have ended for good
  bool interrupted = false;  ///< ended without a verdict on it; to be launched again
  environment::process_identity process;
  std::string boot_id;  ///< of the machine's boot the last incarnation ran in; empty: not known
  environment::exit_status exit;
  bool asked = false;       ///< the last ending was asked for
  bool cannot_run = false;  ///< its program is not there or cannot be executed
  bytes stdout_bytes_lost = 0;
  std::string end_reason;
  wall_time started_at{};  ///< of the first incarnation, or of the first since an interruption
  std::vector<wall_time>
      crashes;  ///< the last ones, rising: they count beyond the core's life (D10)

  static constexpr std::size_t crashes_kept = 10;
};

struct check_state {
  std::string name;
  bool passed = false;
  std::string evidence;
  bool cannot_run = false;
};

struct attempt_state {
  attempt_number number;
  int rung = 0;
  std::string agent;
  std::string feedback;
  wall_time started_at{};
  std::optional<attempt_ended> ended;
  std::map<std::string, step_state, std::less<>> steps;
  std::vector<check_state> checks;

  bool delivered() const { return ended && ended->outcome == attempt_outcome::delivered; }
  /// The first check that did not pass, if any.
  const check_state* failed_check() const;
};

/// All that is known about a task: the fold of its facts, nothing else. The core keeps one per live
/// task; after a restart the same facts give the same state.
struct task_state {
  task_id id;
  task_specification specification;
  wall_time accepted_at{};
  epoch current;
  std::optional<content> captured_input;
  std::vector<rung_skipped> skipped;
  std::vector<attempt_state> attempts;
  std::map<std::string, child_state, std::less<>> children;
  std::string postponed;  ///< why its work waits, until some is done again
  std::optional<cancel_requested> cancelled;
  std::optional<task_ended> ended;
  wall_time ended_at{};
  tokens input_tokens = 0;
  tokens output_tokens = 0;
  int replayed_steps = 0;

  attempt_state* current_attempt() { return attempts.empty() ? nullptr : &attempts.back(); }
  const attempt_state* current_attempt() const {
    return attempts.empty() ? nullptr : &attempts.back();
  }
  attempt_state* find_attempt(attempt_number number);
  /// What the attempts before this one tell of a step that has effects outside; null: nothing that
  /// matters, for what is pure or idempotent is each attempt's own, and what was reported as failed
  /// did not happen.
  const step_state* earlier_step(attempt_number before, std::string_view key) const;
  const content& input() const { return captured_input ? *captured_input : specification.input; }
  /// Lives beyond the first, over all children.
  int restarts() const;
  /// The child that has not ended, if any; a task has at most one at a time.
  const std::string* live_child() const;
};

/// Adds one fact. Error: corrupted, when it cannot have happened after the facts before it.
result<void> apply(task_state& state, const event& value, epoch writer, wall_time at);

/// The state after these facts; the first is task_accepted. Error: corrupted.
result<task_state> fold(const std::vector<journal::fact>& facts);

/// Names of a task's children; they name the shim's directory and so stay short and plain.
std::string attempt_child(task_id task, attempt_number attempt);         // "t12.a1"
std::string gate_child(task_id task, attempt_number attempt, int gate);  // "t12.a1.g0"
std::string input_child(task_id task);                                   // "t12.input"
/// The task a child belongs to; zero when the name is not of this form.
task_id task_of_child(std::string_view child);

}  // namespace nine::execution
