#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/execution/task_state.hpp"
#include "ninelives/journal/stores/memory/memory_medium.hpp"
#include "simulation/checkers/checker.hpp"

namespace nine::simulation {

/// A step of an attempt: "t1", "2", "s1".
struct step_name {
  std::string task;
  std::string attempt;  ///< empty for one with effects outside, which is the task's
  std::string key;
  auto operator<=>(const step_name&) const = default;
};

/// The book of what a home promised its clients and agents, kept by those who were promised, and
/// compared with what the journal holds and what happens afterwards:
/// - what was accepted, finished, cancelled or told as the end survives, also a loss of power;
/// - a finished step never runs again, and one with effects outside is never done twice;
/// - what passes by itself is no verdict on an agent or a gate;
/// - a task that has ended, or whose cancelling was acknowledged, never starts a program again;
/// - a task has exactly one end, and what one client was told of it every other is told.
class task_ledger final : public checker {
 public:
  task_ledger(world& stage, std::shared_ptr<journal::stores::memory_medium> medium)
      : stage_(stage), medium_(std::move(medium)) {}

  // --- what clients were told ---
  void accepted(const std::string& key, const std::string& task);
  void cancelled(const std::string& task);
  void told_end(const std::string& task, const std::string& status, const std::string& result);

  // --- what agents did and were told ---
  void step_done(const step_name& step, const std::string& effect);
  /// What it may have done is undone.
  void step_undone(const step_name& step) { steps_[step].done = 0; }
  bool has_happened(const step_name& step) { return steps_[step].done > 0; }
  void step_acknowledged(const step_name& step, const std::string& result);
  void step_repeated(const step_name& step, const std::string& result);
  /// An agent has written its result whole and exits with 0.
  void delivered(const std::string& task, const std::string& result);

  void process_started(world& stage, const process_record& born) override;
  void finished(world& stage) override;

  /// Compares every promise with the journal; called after each loss of power, too.
  void compare();
  bool all_ended() { return unfinished().empty(); }
  /// The tasks without an end, for people.
  std::string unfinished();
  /// Fails the run unless the task that was accepted under this key has succeeded.
  void expect_success(const std::string& key);
  /// All facts, into the trace.
  void tell_facts();
  /// How much was promised so far, and how much of that to people who wanted a task cancelled.
  std::size_t promises() const { return promises_; }
  std::size_t cancellations() const { return cancelled_.size(); }

 private:
  struct step_record {
    int done = 0;
    std::optional<std::string> acknowledged;
  };
  struct end_record {
    std::string status;
    std::string result;
  };

  std::optional<execution::task_state> state_of(task_id task);
  bool waited_in_its_shim(const process_record& born);
  bool decided_before_cancelling(const std::string& task, const std::string& life);
  std::vector<task_id> tasks();
  void compare_steps(const execution::task_state& state, const std::string& task);
  void look_for_hasty_verdicts(const execution::task_state& state);
  void compare_end(task_id task, const execution::task_state& state);

  world& stage_;
  std::shared_ptr<journal::stores::memory_medium> medium_;
  std::size_t promises_ = 0;
  std::map<std::string, std::string> accepted_;  ///< task by key
  std::map<std::string, monotonic_time> cancelled_;
  std::map<std::string, end_record> ends_;
  std::map<step_name, step_record> steps_;
  std::map<std::string, std::set<std::string>> delivered_;
};

}  // namespace nine::simulation
