#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <string>

#include "ninelives/environment/worker.hpp"
#include "ninelives/orchestration/content_store.hpp"
#include "ninelives/orchestration/launch.hpp"
#include "ninelives/orchestration/task_files.hpp"
#include "ninelives/orchestration/task_run.hpp"
#include "ninelives/supervision/agent_supervisor.hpp"

namespace nine::orchestration {

/// Finds out how a task's children are to be run. Thread: its executor's.
class launcher {
 public:
  /// `program` is nine itself.
  launcher(std::filesystem::path program, configuration::supervision limits, task_files files,
           content_store& contents, environment::worker& worker)
      : program_(std::move(program)),
        limits_(limits),
        files_(std::move(files)),
        contents_(contents),
        worker_(worker) {}

  /// Writes what the child reads, and says how to run it.
  boost::asio::awaitable<result<launch>> prepare(run_pointer run, std::string child);

  /// From files only, without waiting: also for a restart by a core that never prepared this child.
  result<launch> rebuild(const task_run& run, const std::string& child);

  /// What the supervisor is to do about the child: its limits, and what they have seen before.
  supervision::child_request request_of(const task_run& run, const std::string& child) const;

 private:
  boost::asio::awaitable<result<void>> prepare_prompt(run_pointer run);
  launch_context context_of(const task_run& run, variables caller, std::string prompt) const;

  std::filesystem::path program_;
  configuration::supervision limits_;
  task_files files_;
  content_store& contents_;
  environment::worker& worker_;
};

}  // namespace nine::orchestration
