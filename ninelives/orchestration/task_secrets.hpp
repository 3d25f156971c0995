#pragma once

#include <boost/asio/awaitable.hpp>

#include "ninelives/environment/worker.hpp"
#include "ninelives/execution/task_specification.hpp"
#include "ninelives/orchestration/launch.hpp"
#include "ninelives/orchestration/task_files.hpp"
#include "ninelives/orchestration/task_run.hpp"
#include "ninelives/telemetry/redactor.hpp"

namespace nine::orchestration {

/// The values among a task's variables that no file may show (X3): those the plan's models take as
/// keys, and those whose names say so (..._KEY, ..._TOKEN, PASSWORD). What children print is freed
/// of them before it becomes a fact.
telemetry::redactor secrets_of(const variables& caller, const execution::task_specification& task);

/// The secrets of live tasks. Thread: its executor's.
class secret_store {
 public:
  secret_store(task_files files, environment::worker& worker)
      : files_(std::move(files)), worker_(worker) {}

  /// What must not stand in this task's facts; read from its files when it is needed first. Stays
  /// valid as long as the run. Error: they cannot be read, and nothing may be shown without them.
  boost::asio::awaitable<result<const telemetry::redactor*>> of(run_pointer run);

 private:
  task_files files_;
  environment::worker& worker_;
};

}  // namespace nine::orchestration
