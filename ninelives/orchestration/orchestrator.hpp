#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/environment/environment.hpp"
#include "ninelives/execution/steps.hpp"
#include "ninelives/execution/task_state.hpp"
#include "ninelives/journal/blob_store.hpp"
#include "ninelives/journal/journal.hpp"
#include "ninelives/orchestration/admission.hpp"
#include "ninelives/orchestration/launch.hpp"
#include "ninelives/orchestration/next_action.hpp"
#include "ninelives/orchestration/task_files.hpp"
#include "ninelives/supervision/agent_supervisor.hpp"

namespace nine::orchestration {

/// A task as it is handed in.
struct submission {
  execution::task_specification specification;  ///< its `input` is filled in here
  std::string input;                            ///< what it is about, of any size
  variables caller;                             ///< the user's environment, kept beside the journal
  std::string key;  ///< chosen by the client; the same key again gives the task it made before
};

struct step_answer {
  execution::step_verdict verdict = execution::step_verdict::run;
  bool succeeded = false;  ///< for finished
  std::string result;      ///< for finished
};

struct step_report {
  epoch writer;
  std::string key;
  bool succeeded = false;
  std::string result;
  tokens input_tokens = 0;
  tokens output_tokens = 0;
};

struct orchestrator_options {
  std::filesystem::path program;       ///< nine itself
  std::filesystem::path tasks;         ///< HOME/tasks
  std::filesystem::path agent_socket;  ///< what agents find in NINE_SOCKET
  configuration::limits limits;
  configuration::supervision supervision;
  supervision::agent_supervisor_options children;
};

/// Makes the token by which an incarnation proves to the agent API who it is.
using token_maker = std::function<std::string(task_id, attempt_number, epoch)>;

/// Drives every task from acceptance to its end, through attempts, checks and rungs, and takes over
/// what an earlier core left running. The only writer of tasks' facts. All decisions are
/// next_action()'s and the supervisor's; this class carries them out.
///
/// Thread: its executor's. Lifetime: until its executor has dropped all handlers.
class orchestrator final : public supervision::child_events, public capabilities {
 public:
  orchestrator(boost::asio::any_io_executor executor, environment::bundle environment,
               environment::worker& worker, journal::journal& journal, journal::blob_store& blobs,
               token_maker make_token, orchestrator_options options);

  /// Reads the live tasks, finds their agents, and goes on. To be called once, before all else.
  boost::asio::awaitable<result<void>> boot();

  /// Completes when the task is durably ours. Errors: invalid_argument, resource_exhausted (queue
  /// full).
  boost::asio::awaitable<result<task_id>> accept(submission submission);

  /// Completes when the wish is durable; the task's end follows. Errors: not_found,
  /// precondition_failed (it has ended already).
  boost::asio::awaitable<result<void>> cancel(task_id task, std::string reason);

  boost::asio::awaitable<result<step_answer>> begin_step(task_id task,
                                                         execution::step_request request,
                                                         std::string input_digest);
  boost::asio::awaitable<result<void>> finish_step(task_id task, step_report report);

  /// A live task's state, or a finished one's from its facts. Error: not_found.
  boost::asio::awaitable<result<execution::task_state>> load(task_id task);
  /// The text behind a content. Errors: not_found, corrupted.
  boost::asio::awaitable<result<std::string>> read(execution::content content);

  /// Ends all children in good order; their tasks go on in new incarnations when the home is
  /// started again.
  boost::asio::awaitable<void> interrupt_all(std::string reason);

  std::vector<task_id> live_tasks() const;
  const execution::task_state* find_live(task_id task) const;
  std::vector<supervision::child_view> children() const { return supervisor_.children(); }
  const orchestration::admission& admission() const { return admission_; }
  const task_files& files() const { return files_; }

  /// Set once a newer core has taken the home over: this one must end at once. Empty before.
  const std::string& fenced_reason() const { return fenced_reason_; }
  environment::async_event& fenced_event() { return fenced_event_; }

 private:
  struct task_run;
  using run_pointer = std::shared_ptr<task_run>;
  template <class T = void>
  using async = boost::asio::awaitable<T>;

  // child_events
  result<supervision::shim::start> incarnation_starting(const std::string& child) override;
  void incarnation_started(const std::string& child, epoch incarnation,
                           const environment::process_identity& agent) override;
  void incarnation_ended(const std::string& child, const supervision::incarnation_ending& ending,
                         const supervision::restart_decision& decision) override;
  void child_finished(const std::string& child, const supervision::child_outcome& outcome) override;
  void fenced(const std::string& reason) override;
  // capabilities
  std::optional<std::string> missing_reason(const execution::task_specification& specification,
                                            const configuration::agent& agent,
                                            const std::string& capability) const override;

  // boot
  async<result<void>> read_live_tasks();
  async<result<void>> take_over_children();
  async<result<void>> take_over_child(const supervision::taken_over& found);
  void mark_vanished_children();

  // the life of one task
  async<> drive(run_pointer run);
  async<> perform(run_pointer run, action next);
  async<> wait_for_change(run_pointer run);
  async<> launch_child(run_pointer run, std::string child);
  async<result<launch>> prepare(run_pointer run, const std::string& child);
  async<result<void>> prepare_prompt(run_pointer run);
  async<> conclude(run_pointer run, std::string child);
  async<> conclude_attempt(run_pointer run);
  async<> conclude_gate(run_pointer run, const std::string& child);
  async<> conclude_input(run_pointer run, const std::string& child);
  async<> validate_result(run_pointer run, int check);
  async<> finish(run_pointer run);
  void launch_failed(task_run& run, const std::string& child, const std::string& reason);

  async<result<void>> record_and_flush(run_pointer run, execution::event event, epoch writer);
  result<void> record(task_run& run, const execution::event& event, epoch writer = {},
                      journal::durability how = journal::durability::synced);
  void note(task_run& run, const execution::event& event,
            journal::durability how = journal::durability::synced);
  async<result<execution::content>> keep(std::string text);
  async<> acknowledge_endings();
  run_pointer find(task_id task) const;
  run_pointer run_of_child(const std::string& child) const;
  launch_context context_of(const task_run& run, variables caller, std::string prompt) const;
  result<launch> rebuild_launch(const task_run& run, const std::string& child);
  supervision::child_request request_of(const task_run& run, const std::string& child) const;
  void give_up(const error& problem);

  boost::asio::any_io_executor executor_;
  environment::bundle environment_;
  environment::worker& worker_;
  journal::journal& journal_;
  journal::blob_store& blobs_;
  token_maker make_token_;
  orchestrator_options options_;
  task_files files_;
  orchestration::admission admission_;
  supervision::agent_supervisor supervisor_;
  std::map<task_id, run_pointer> runs_;
  task_id last_task_;
  bool interrupting_ = false;
  std::vector<std::pair<std::string, epoch>> to_acknowledge_;
  environment::async_event endings_recorded_;
  std::string fenced_reason_;
  environment::async_event fenced_event_;
};

}  // namespace nine::orchestration
