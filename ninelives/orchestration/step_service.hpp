#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "ninelives/execution/steps.hpp"
#include "ninelives/orchestration/content_store.hpp"
#include "ninelives/orchestration/task_ledger.hpp"
#include "ninelives/orchestration/task_secrets.hpp"

namespace nine::orchestration {

struct step_answer {
  execution::step_verdict verdict = execution::step_verdict::run;
  bool succeeded = false;  ///< for finished
  std::string result;      ///< for finished
};

struct step_report {
  epoch writer;
  attempt_number attempt;
  std::string key;
  bool succeeded = false;
  std::string result;
  tokens input_tokens = 0;
  tokens output_tokens = 0;
};

/// The journaled steps of co-operating agents: intent, then effect, then result (D1). Errors of
/// both calls: fenced (the incarnation was replaced, or the task has ended: it must stop), and
/// those of execution::begin_step and check_finish_step. Thread: its executor's.
class step_service {
 public:
  /// `on_progress` is told the child whose step has finished.
  step_service(task_ledger& ledger, content_store& contents, secret_store& secrets,
               std::function<void(const std::string&)> on_progress)
      : ledger_(ledger),
        contents_(contents),
        secrets_(secrets),
        on_progress_(std::move(on_progress)) {}

  /// Completes when the intent is durable, or for a finished step its result.
  boost::asio::awaitable<result<step_answer>> begin(task_id task, execution::step_request request,
                                                    std::string input_digest);
  /// Completes when the result is durable, also when it was reported before.
  boost::asio::awaitable<result<void>> finish(task_id task, step_report report);

 private:
  boost::asio::awaitable<result<void>> until_durable(task_id task, const std::string& key);
  boost::asio::awaitable<result<step_answer>> replay(run_pointer run,
                                                     execution::step_request request);

  task_ledger& ledger_;
  content_store& contents_;
  secret_store& secrets_;
  std::function<void(const std::string&)> on_progress_;
  std::set<std::pair<task_id, std::string>> unsynced_;  ///< steps whose finish is not durable yet
};

}  // namespace nine::orchestration
