#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/worker.hpp"
#include "ninelives/orchestration/content_store.hpp"
#include "ninelives/orchestration/task_files.hpp"
#include "ninelives/orchestration/task_ledger.hpp"
#include "ninelives/orchestration/task_secrets.hpp"

namespace nine::orchestration {

/// Reads what a child has left when it has ended for good, has it judged, and records the verdict,
/// without the task's secrets (X3).
/// Thread: its executor's.
class conclusion {
 public:
  conclusion(task_ledger& ledger, content_store& contents, secret_store& secrets, task_files files,
             configuration::limits limits, environment::worker& worker, environment::clock& clock)
      : ledger_(ledger),
        contents_(contents),
        secrets_(secrets),
        files_(std::move(files)),
        limits_(limits),
        worker_(worker),
        clock_(clock) {}

  /// Error: what was to be read or kept cannot be now, for a reason that passes, and the task has
  /// time left: nothing was decided; to be called again.
  boost::asio::awaitable<result<void>> conclude(run_pointer run, std::string child);
  /// Applies one of the plan's validators to the present attempt's result. Errors as above.
  boost::asio::awaitable<result<void>> validate(run_pointer run, int check);

 private:
  boost::asio::awaitable<result<void>> conclude_attempt(run_pointer run, std::string child);
  boost::asio::awaitable<result<void>> conclude_gate(run_pointer run, std::string child, int gate);
  boost::asio::awaitable<result<void>> conclude_input(run_pointer run, std::string child);
  bool can_wait(const task_run& run, const error& problem) const;
  result<void> refuse_lost_output(task_run& run, const std::string& child);

  task_ledger& ledger_;
  content_store& contents_;
  secret_store& secrets_;
  task_files files_;
  configuration::limits limits_;
  environment::worker& worker_;
  environment::clock& clock_;
};

}  // namespace nine::orchestration
