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

  boost::asio::awaitable<void> conclude(run_pointer run, std::string child);
  /// Applies one of the plan's validators to the present attempt's result.
  boost::asio::awaitable<void> validate(run_pointer run, int check);

 private:
  boost::asio::awaitable<void> conclude_attempt(run_pointer run, std::string child);
  boost::asio::awaitable<void> conclude_gate(run_pointer run, std::string child, int gate);
  boost::asio::awaitable<void> conclude_input(run_pointer run, std::string child);

  task_ledger& ledger_;
  content_store& contents_;
  secret_store& secrets_;
  task_files files_;
  configuration::limits limits_;
  environment::worker& worker_;
  environment::clock& clock_;
};

}  // namespace nine::orchestration
