#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ninelives/environment/environment.hpp"
#include "ninelives/journal/blob_store.hpp"
#include "ninelives/journal/journal.hpp"
#include "ninelives/orchestration/plan_capabilities.hpp"
#include "ninelives/orchestration/step_service.hpp"
#include "ninelives/orchestration/task_driver.hpp"

namespace nine::orchestration {

/// A task as it is handed in.
struct submission {
  execution::task_specification specification;  ///< its `input` is filled in here
  std::string input;                            ///< what it is about, of any size
  variables caller;                             ///< the user's environment, kept beside the journal
  std::string key;  ///< chosen by the client; the same key again gives the task it made before
};

struct orchestrator_options {
  std::filesystem::path program;       ///< nine itself
  std::filesystem::path tasks;         ///< HOME/tasks
  std::filesystem::path agent_socket;  ///< what agents find in NINE_SOCKET
  configuration::limits limits;
  configuration::supervision supervision;
  supervision::agent_supervisor_options children;
  text_seal seal;  ///< for the callers' variables
  telemetry::logger log = {};
};

/// Makes the token by which an incarnation proves to the agent API who it is.
using token_maker = std::function<std::string(task_id, attempt_number, epoch)>;

/// Drives every task from acceptance to its end, through attempts, checks and rungs, and takes over
/// what an earlier core left running. Wires the parts: task_driver goes with each task, launcher
/// and conclusion stand at the ends of its children, task_ledger writes its facts; what the
/// supervisor tells about children becomes facts here.
///
/// Thread: its executor's. Lifetime: until its executor has dropped all handlers.
class orchestrator final : public supervision::child_events {
 public:
  orchestrator(boost::asio::any_io_executor executor, environment::bundle environment,
               environment::worker& worker, journal::journal& journal, journal::blob_store& blobs,
               token_maker make_token, orchestrator_options options);

  /// Reads the live tasks, finds their agents, and goes on. To be called once, before all else.
  boost::asio::awaitable<result<void>> boot();

  /// Completes when the task is durably ours. Errors: invalid_argument, resource_exhausted (queue
  /// full), unavailable (this core ends).
  boost::asio::awaitable<result<task_id>> accept(submission submission);

  /// Completes when the wish is durable; the task's end follows. Errors: not_found,
  /// precondition_failed (it has ended already), unavailable (it is just being accepted).
  boost::asio::awaitable<result<void>> cancel(task_id task, std::string reason);

  /// Completes when the task has ended, is not live, or the patience is over. The end may not be
  /// durable yet: load() waits for that.
  boost::asio::awaitable<void> wait_for_end(task_id task, duration patience);

  /// A live task's state, or a finished one's from its facts. Error: not_found.
  boost::asio::awaitable<result<execution::task_state>> load(task_id task);

  /// Ends all children in good order; their tasks go on in new incarnations when the home is
  /// started again. A journal that takes nothing holds this up for a few seconds only: what it does
  /// not hold then has not happened.
  boost::asio::awaitable<void> interrupt_all(std::string reason);
  /// Before boot(): nothing is launched, and what runs is stopped as soon as it is found.
  void interrupt() { driver_.interrupt(); }
  /// This core ends, and agents go on: no task is accepted, nothing begun.
  void begin_nothing() { driver_.begin_nothing(); }

  step_service& steps() { return steps_; }
  content_store& contents() { return contents_; }
  std::vector<task_id> live_tasks() const;
  const execution::task_state* find_live(task_id task) const;
  std::vector<supervision::child_view> children() const { return supervisor_.children(); }
  /// The newest task there is, expired ones aside.
  task_id last_task() const { return last_task_; }
  const orchestration::admission& admission() const { return admission_; }
  const task_files& files() const { return files_; }

  /// Set once a newer core has taken the home over, or the journal is closed: this one must end at
  /// once. Empty before.
  const std::string& fenced_reason() const { return ledger_.fenced_reason(); }
  environment::async_event& fenced_event() { return ledger_.fenced_event(); }

 private:
  template <class T = void>
  using async = boost::asio::awaitable<T>;

  /// Those that the shims are to hear of, once they are on record.
  struct endings {
    duration pause;  ///< from the first to their acknowledgement: they share one sync
    std::vector<std::pair<std::string, epoch>> to_acknowledge;
    environment::async_event recorded;

    void add(const std::string& child, epoch incarnation);
    void take_from(endings& others, const std::string& child);
  };

  // child_events
  result<supervision::shim::start> incarnation_starting(const std::string& child) override;
  void incarnation_started(const std::string& child, epoch incarnation,
                           const environment::process_identity& agent) override;
  void memory_not_limited(const std::string& child, const std::string& why) override;
  void incarnation_ended(const std::string& child, const supervision::incarnation_ending& ending,
                         const supervision::restart_decision& decision) override;
  void child_finished(const std::string& child, const supervision::child_outcome& outcome) override;
  void child_gone(const std::string& child) override;
  void fenced(const std::string& reason) override;

  // boot
  async<result<void>> read_live_tasks();
  async<result<void>> take_over_children();
  async<result<void>> take_over_child(const supervision::taken_over& found);
  /// `crash_interrupts`: a crash is no verdict, for it would have been restarted, and could not be.
  void note_ending(task_run& run, const std::string& child,
                   const supervision::incarnation_ending& ending,
                   const supervision::restart_decision& decision, bool crash_interrupts);
  void mark_vanished_children();
  void doubt_results_of_earlier_boots();

  void learn_of(task_run& run, const std::string& child, epoch incarnation);
  void begin_driving(const run_pointer& run);
  async<> acknowledge(endings& told);
  async<> forget_dead_children();
  async<> prepare_next_lives();
  void prepare_next_life(const std::string& child);
  bool all_have_finished() const;
  result<const launch*> launch_of(task_run& run, const std::string& child);
  variables own_variables(const task_run& run, epoch incarnation) const;

  boost::asio::any_io_executor executor_;
  environment::bundle environment_;
  environment::worker& worker_;
  journal::journal& journal_;
  token_maker make_token_;
  orchestrator_options options_;
  plan_capabilities available_;
  task_files files_;
  content_store contents_;
  secret_store secrets_;
  task_ledger ledger_;
  orchestration::admission admission_;
  supervision::agent_supervisor supervisor_;
  launcher launcher_;
  conclusion conclusion_;
  task_driver driver_;
  step_service steps_;
  task_id last_task_;
  endings last_endings_{.pause = 5ms};      ///< their shims are to go
  endings restarted_endings_{.pause = 1s};  ///< nobody waits: agents still to be started come first
  std::vector<std::string> unprepared_;     ///< children found running, not launched by this core
  environment::async_event unprepared_added_;
};

}  // namespace nine::orchestration
