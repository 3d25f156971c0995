#pragma once

#include <optional>
#include <string>
#include <variant>

#include "ninelives/base/time.hpp"
#include "ninelives/execution/task_state.hpp"

/// The decisions of a task's life, pure: facts so far + time + what is available → the one next
/// thing to do. Nothing else is remembered, so a core that took over decides as the one before it
/// would have.
namespace nine::orchestration {

/// Nothing to do until a child ends, a deadline passes, or a person speaks.
struct wait_for_event {
  bool operator==(const wait_for_event&) const = default;
};
struct capture_input {
  bool operator==(const capture_input&) const = default;
};
struct skip_rung {
  execution::rung_skipped fact;
  bool operator==(const skip_rung&) const = default;
};
struct begin_attempt {
  execution::attempt_started fact;
  bool operator==(const begin_attempt&) const = default;
};
/// The attempt is on record; its agent is to be started.
struct launch_agent {
  attempt_number attempt;
  bool operator==(const launch_agent&) const = default;
};
/// The child named has ended for good: read what it left and record the outcome.
struct conclude_child {
  std::string child;
  bool operator==(const conclude_child&) const = default;
};
struct run_validator {
  attempt_number attempt;
  int check = 0;  ///< index into the specification's validators
  bool operator==(const run_validator&) const = default;
};
struct launch_gate {
  attempt_number attempt;
  int gate = 0;  ///< index into the specification's gates
  bool operator==(const launch_gate&) const = default;
};
/// A deadline has passed, or the task was cancelled, while this child runs.
struct stop_child {
  std::string child;
  std::string reason;
  bool operator==(const stop_child&) const = default;
};
struct end_task {
  execution::task_ended fact;
  bool operator==(const end_task&) const = default;
};

using action = std::variant<wait_for_event, capture_input, skip_rung, begin_attempt, launch_agent,
                            conclude_child, run_validator, launch_gate, stop_child, end_task>;

/// What agents may need and whether it is there; asked by name ("model").
class capabilities {
 public:
  virtual ~capabilities() = default;
  /// Empty when the capability is there; else why not, with what to do about it.
  virtual std::optional<std::string> missing_reason(
      const execution::task_specification& specification, const configuration::agent& agent,
      const std::string& capability) const = 0;
};

action next_action(const execution::task_state& state, const capabilities& available,
                   wall_time now);

/// Children of a task that may run although no fact tells of it: a core queues the fact about a
/// life without waiting for the disk, and may die before it is there.
struct unheard_children {
  std::string expected;  ///< with the supervisor, for its first start or found by this core, and
                         ///< silent so far
  bool leaving = false;  ///< some were ended, or are not needed any more, and their shims still go
};

/// What is to be done instead of `next` while such children may run: nothing of a task starts or is
/// concluded beside them.
action mind_unheard(action next, const execution::task_state& state,
                    const unheard_children& unheard, wall_time now);

/// The child that runs, or is the next to be launched: the one whose shim a new core wants to keep.
/// Empty when none is wanted.
std::string wanted_child(const execution::task_state& state, const capabilities& available,
                         wall_time now);

/// The child that ended well in an earlier boot of the machine and whose result is not on record
/// yet: its output was never synced, so that a loss of power may have left any part of it. It is to
/// run again. Empty when there is none.
std::string child_with_doubtful_result(const execution::task_state& state,
                                       const capabilities& available, wall_time now,
                                       std::string_view boot_id);

/// Whether an ending tells nothing about the child, because neither the task's cancelling nor a
/// deadline was behind it: its shim was asked to end it when the home was stopped. It is to run
/// again when the home is started, also when the core that asked died before it heard of the end.
bool is_interruption(const execution::task_state& state, const std::string& child,
                     bool stop_was_asked, wall_time now);

/// When next_action may change its mind by itself: the nearest deadline of the task or its live
/// child.
std::optional<wall_time> next_deadline(const execution::task_state& state);

/// Whether the task's own time limit has passed.
bool is_out_of_time(const execution::task_state& state, wall_time now);

/// Whether the action starts a process, which takes one of the places for agents at work.
bool needs_place(const action& next);

/// Whether the action begins what a home that stops would have to end at once.
bool begins_something(const action& next);

/// Whether the action needs the machine's help (disk, processes), and is tried again when that
/// fails for a reason that passes.
bool can_be_postponed(const action& next);

/// What a person reads when a deadline of this child has passed; empty when none has.
std::string expired_reason(const execution::task_state& state, const std::string& child,
                           wall_time now);

}  // namespace nine::orchestration
