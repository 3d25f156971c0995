#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/environment/exit_status.hpp"
#include "ninelives/environment/process_identity.hpp"
#include "ninelives/execution/content.hpp"
#include "ninelives/execution/effect.hpp"
#include "ninelives/execution/task_specification.hpp"
#include "ninelives/journal/fact.hpp"

/// The vocabulary of the journal about tasks: everything that can have happened to one. The name of
/// each struct is the `kind` of its fact; its fields are the body. Fields may be added; none
/// changes its meaning.
namespace nine::execution {

/// The user's task is ours from here on; synced before the user is told.
struct task_accepted {
  task_specification specification;
  bool operator==(const task_accepted&) const = default;
};

/// The input command of the task's type has run.
struct input_captured {
  content input;
  bool operator==(const input_captured&) const = default;
};

/// A rung of the ladder cannot be used now: what its agent needs is missing.
struct rung_skipped {
  int rung = 0;
  std::string agent;
  std::string missing;
  std::string reason;
  bool operator==(const rung_skipped&) const = default;
};

struct attempt_started {
  attempt_number attempt;
  int rung = 0;
  std::string agent;
  std::string feedback;  ///< what was wrong with the attempt before, for the agent
  bool operator==(const attempt_started&) const = default;
};

/// A new life of a child (an agent, a gate command) of the task; raises the task's epoch.
struct incarnation_started {
  std::string child;
  epoch incarnation;
  bool operator==(const incarnation_started&) const = default;
};

struct incarnation_running {
  std::string child;
  epoch incarnation;
  environment::process_identity process;
  bool operator==(const incarnation_running&) const = default;
};

struct incarnation_ended {
  std::string child;
  epoch incarnation;
  environment::exit_status exit;
  bool asked = false;         ///< we ended it; then it is no failure
  bool will_restart = false;  ///< another incarnation of the same child follows
  bool interrupted =
      false;  ///< no verdict on the child: it is to be launched again when work goes on
  std::string reason;
  bool cannot_run = false;  ///< there is no such program, or it cannot be executed: no use trying
  bytes stdout_bytes_lost = 0;  ///< written by it, and not taken by the disk
  bool operator==(const incarnation_ended&) const = default;
};

/// D1: recorded before the step is done.
struct step_intended {
  attempt_number attempt;
  std::string key;
  effect kind = effect::pure;
  std::string input_digest;
  bool operator==(const step_intended&) const = default;
};

/// D1: recorded before the agent is told that the step is finished.
struct step_finished {
  attempt_number attempt;
  std::string key;
  bool succeeded = false;
  content result;
  tokens input_tokens = 0;
  tokens output_tokens = 0;
  bool operator==(const step_finished&) const = default;
};

/// An incarnation asked for a step that was finished before, and got the recorded result.
struct step_replayed {
  attempt_number attempt;
  std::string key;
  bool operator==(const step_replayed&) const = default;
};

/// A step with effect `once` was begun by an incarnation that died before it reported: a person
/// decides.
struct step_uncertain {
  attempt_number attempt;
  std::string key;
  bool operator==(const step_uncertain&) const = default;
};

enum class attempt_outcome {
  delivered,    ///< the agent ended well and left a result; checks follow
  failed,       ///< the agent ended badly, or its result was not accepted
  timed_out,    ///< it took longer than its limit and was stopped
  unavailable,  ///< what the agent needs is not there; no use trying the same again
  cancelled,    ///< the task was cancelled
};
std::string_view to_string(attempt_outcome outcome);

struct attempt_ended {
  attempt_number attempt;
  attempt_outcome outcome = attempt_outcome::failed;
  std::string reason;  ///< for a person; also the feedback for the next attempt
  content result;      ///< when delivered
  /// When the file that was to hold the result was written last, since 1970; 0: there is none. What
  /// was not written again is no result of a later attempt (Q8).
  std::int64_t result_file_ns = 0;
  bool operator==(const attempt_ended&) const = default;
};

/// A gate command or a validator judged the result of an attempt (Q2: with its evidence).
struct check_ended {
  attempt_number attempt;
  int check = 0;  ///< validators count from 0, gates follow them
  std::string name;
  bool passed = false;
  std::string evidence;
  bool cannot_run = false;  ///< a gate command that is not there: no attempt can pass it
  bool operator==(const check_ended&) const = default;
};

/// What the task needs next cannot be had for a reason that passes by itself (no space, no
/// processes): no verdict on anything; the same is tried again until the task's time is up.
struct work_postponed {
  std::string reason;
  bool operator==(const work_postponed&) const = default;
};

struct cancel_requested {
  std::string reason;
  bool operator==(const cancel_requested&) const = default;
};

enum class task_status { succeeded, degraded, failed, cancelled };
std::string_view to_string(task_status status);

/// The end. Nothing follows it; a task that has it never runs again (S16).
struct task_ended {
  task_status status = task_status::failed;
  content result;
  std::vector<std::string> missing;  ///< degraded: what the result does without
  std::string reason;
  bool operator==(const task_ended&) const = default;
};

using event =
    std::variant<task_accepted, input_captured, rung_skipped, attempt_started, incarnation_started,
                 incarnation_running, incarnation_ended, step_intended, step_finished,
                 step_replayed, step_uncertain, attempt_ended, check_ended, work_postponed,
                 cancel_requested, task_ended>;

/// The kind of an event: the name of its struct.
std::string_view kind_of(const event& value);

/// No text in the facts of what happens to a task is longer: a reason, evidence, feedback. Two such
/// texts and a result in place fit a record, however JSON spells their bytes.
constexpr bytes fact_text_bytes_most = 72 * KiB;

/// The event as its fact can hold it: texts that are too long cut, with a mark that says so, and
/// bytes that are no UTF-8 replaced. What is both stored and applied to a state goes through here
/// first, so that a core that reads the fact comes to the same state. What is given with a task
/// stays as it is: whoever gives it is told that it is too large.
event storable(event value);

/// The record that stores `value`; incarnation_started raises the task's epoch to its own.
journal::record to_record(task_id task, const event& value);

/// Error: corrupted, when the fact is none of ours or its body lacks something.
result<event> from_fact(const journal::fact& fact);

}  // namespace nine::execution
