#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/environment/clock.hpp"
#include "ninelives/journal/journal.hpp"
#include "ninelives/orchestration/task_run.hpp"
#include "ninelives/telemetry/logger.hpp"

namespace nine::orchestration {

/// The live tasks and the one way to write a fact about them: into the journal's queue, applied to
/// the task's state at once. Knows whether this core still owns the home.
///
/// Thread: its executor's.
class task_ledger {
 public:
  /// Every fact is told to `log`, too.
  task_ledger(environment::clock& clock, journal::journal& journal, telemetry::logger log)
      : clock_(clock), journal_(journal), log_(std::move(log)) {}

  run_pointer add(execution::task_state state);
  void forget(task_id task) { runs_.erase(task); }
  /// Null when the task is not live.
  run_pointer find(task_id task) const;
  run_pointer find_by_child(const std::string& child) const;
  const std::map<task_id, run_pointer>& live() const { return runs_; }

  /// Queues the fact. Errors: fenced, unavailable (the journal is closed), resource_exhausted
  /// (queue full); the state is unchanged then.
  result<void> record(task_run& run, execution::event event, epoch writer = {},
                      journal::durability how = journal::durability::synced);
  /// For what the core itself has seen: it cannot be refused; only the whole core can be fenced, or
  /// its journal closed.
  void note(task_run& run, execution::event event,
            journal::durability how = journal::durability::synced);
  /// Completes when the fact is durable.
  boost::asio::awaitable<result<void>> record_and_flush(run_pointer run, execution::event event,
                                                        epoch writer);
  /// Completes when all that was recorded is durable. Errors: fenced, unavailable (the journal is
  /// closed).
  boost::asio::awaitable<result<void>> flush();

  /// This core no longer owns the home, or has no journal any more, and must end at once.
  void give_up(const error& problem);
  /// Set then. Empty before.
  const std::string& fenced_reason() const { return fenced_reason_; }
  environment::async_event& fenced_event() { return fenced_event_; }

 private:
  environment::clock& clock_;
  journal::journal& journal_;
  telemetry::logger log_;
  std::map<task_id, run_pointer> runs_;
  std::string fenced_reason_;
  environment::async_event fenced_event_;
};

}  // namespace nine::orchestration
