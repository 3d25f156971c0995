#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/random.hpp"
#include "ninelives/orchestration/admission.hpp"
#include "ninelives/orchestration/conclusion.hpp"
#include "ninelives/orchestration/launcher.hpp"
#include "ninelives/orchestration/next_action.hpp"
#include "ninelives/orchestration/task_ledger.hpp"
#include "ninelives/supervision/agent_supervisor.hpp"

namespace nine::orchestration {

/// Carries one task after the other through what next_action() decides; one coroutine for each.
/// Thread: its executor's.
class task_driver {
 public:
  task_driver(task_ledger& ledger, admission& admission, launcher& launcher, conclusion& conclusion,
              supervision::agent_supervisor& supervisor, const capabilities& available,
              environment::clock& clock, environment::random& random)
      : ledger_(ledger),
        admission_(admission),
        launcher_(launcher),
        conclusion_(conclusion),
        supervisor_(supervisor),
        available_(available),
        clock_(clock),
        random_(random) {}

  /// Until the task has ended durably and is live no more, or this core is fenced.
  boost::asio::awaitable<void> drive(run_pointer run);

  /// From now on no attempt is begun and nothing launched; what runs goes on.
  void begin_nothing() { begins_ = false; }
  bool begins() const { return begins_; }
  /// The same, and the home stops; its tasks go on when it starts again.
  void interrupt() {
    begins_ = false;
    interrupting_ = true;
  }
  bool interrupting() const { return interrupting_; }

  /// The child could not even be begun. No verdict while the home stops, or when the reason is one
  /// that passes: it is launched later.
  void launch_failed(task_run& run, const std::string& child, const error& why);

 private:
  boost::asio::awaitable<void> perform(run_pointer run, action next);
  bool must_wait(const task_run& run, const action& next);
  void postpone(task_run& run, const error& why);
  void settle(task_run& run, const result<void>& outcome);
  boost::asio::awaitable<void> launch_child(run_pointer run, std::string child);
  boost::asio::awaitable<void> stop(run_pointer run, stop_child order);
  boost::asio::awaitable<void> wait_for_change(run_pointer run);
  boost::asio::awaitable<void> finish(run_pointer run);

  task_ledger& ledger_;
  admission& admission_;
  launcher& launcher_;
  conclusion& conclusion_;
  supervision::agent_supervisor& supervisor_;
  const capabilities& available_;
  environment::clock& clock_;
  environment::random& random_;
  bool begins_ = true;
  bool interrupting_ = false;
};

}  // namespace nine::orchestration
