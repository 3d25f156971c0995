#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ninelives/configuration/settings.hpp"
#include "ninelives/control/agent_api.hpp"
#include "ninelives/control/control_api.hpp"
#include "ninelives/environment/environment.hpp"
#include "ninelives/environment/exclusive_lock.hpp"
#include "ninelives/environment/notification.hpp"
#include "ninelives/environment/termination.hpp"
#include "ninelives/environment/worker.hpp"
#include "ninelives/home/home_layout.hpp"
#include "ninelives/home/tombstone.hpp"
#include "ninelives/http/server.hpp"
#include "ninelives/journal/blob_store.hpp"
#include "ninelives/journal/journal.hpp"
#include "ninelives/journal/store.hpp"
#include "ninelives/orchestration/housekeeping.hpp"
#include "ninelives/orchestration/orchestrator.hpp"
#include "ninelives/supervision/core_fence.hpp"
#include "ninelives/supervision/guard/guard_link.hpp"
#include "ninelives/telemetry/logger.hpp"

namespace nine::core {

/// What the core stands on: the real environment in `nine core`, a simulated one in the simulation.
struct core_seams {
  boost::asio::any_io_executor executor;
  environment::bundle environment;
  environment::locks& locks;
  environment::notifications& notifications;
  environment::termination& termination;
  environment::worker& journal_worker;  ///< for the journal's store alone
  environment::worker& worker;          ///< for all other blocking work
};

/// Opens the journal's store; called once, when the core's lock is held.
using store_opener = std::function<result<std::unique_ptr<journal::store>>()>;

struct core_options {
  home::home_layout layout;
  orchestration::orchestrator_options orchestration;  ///< the core's epoch and its record are
                                                      ///< filled in
  supervision::guard::guard_link_options guard;
  std::string built_in_configuration;
  store_opener open_store;
  configuration::journal kept;  ///< how long finished tasks are
  /// What the kernel tells about a process; called on the worker, too.
  std::function<environment::process_facts(const environment::process_identity&)> inspect =
      [](const environment::process_identity&) { return environment::process_facts(); };
  /// `configuration` of GET /v1/status; called on the worker.
  std::function<boost::json::object()> check_configuration = [] { return boost::json::object(); };
  telemetry::logger log = {};
};

/// What run() ends with.
constexpr int exit_stopped = 0;  ///< asked to, or the home is stopped
constexpr int exit_failed = 1;   ///< it could not take the home over
constexpr int exit_fenced = 3;   ///< a newer core owns the home, or the home was removed
/// What no restart removes: build() failed for such a reason, or the journal is damaged.
constexpr int exit_refused = 4;

/// All of a home's core, wired: journal, orchestrator, APIs and its link to the guard.
/// Thread: its executor's. The seams and the executor outlive it; it outlives its coroutines.
class core {
 public:
  core(core_options options, core_seams seams);
  core(const core&) = delete;
  core& operator=(const core&) = delete;

  /// Takes the home: its lock, its sockets, its journal. Blocks. Errors: already_exists (another
  /// core holds the lock), fenced, and those of files and store.
  result<void> build();

  /// Serves until it is fenced, the home is stopped, or termination is asked for. Agents go on. To
  /// be called once, after build(). The result is the exit code.
  boost::asio::awaitable<int> run();

  /// Why the journal is of no use to any core; from build() or run().
  const std::optional<error>& journal_damage() const { return journal_damage_; }

  /// See journal::is_about_to_answer(). Not before build().
  bool is_about_to_answer() const { return journal_->is_about_to_answer(); }

 private:
  result<void> open_journal();
  void build_services(const std::string& home_key);
  void serve();
  std::vector<control::reported_process> own_processes() const;
  void keep_house();
  boost::asio::awaitable<void> keep_beating();
  result<void> take_over(journal::store& store);
  core_epoch newest_known() const;
  boost::asio::awaitable<std::string> until_fenced();
  boost::asio::awaitable<void> until_stopped();
  boost::asio::awaitable<void> end_home(home::tombstone stone);
  boost::asio::awaitable<void> stop_serving();
  boost::asio::awaitable<void> watch_journal();
  boost::asio::awaitable<void> until_journal_closed();
  void tell_of_journal(const journal::journal_status& status) const;
  result<void> noting_damage(result<void> outcome);
  bool journal_is_damaged();

  core_options options_;
  core_seams seams_;
  std::unique_ptr<environment::exclusive_lock> lock_;
  std::unique_ptr<environment::listener> control_listener_;
  std::unique_ptr<environment::listener> agent_listener_;
  std::optional<supervision::core_fence> fence_;
  std::unique_ptr<journal::blob_store> blobs_;
  std::unique_ptr<journal::journal> journal_;
  std::optional<error> journal_damage_;
  std::unique_ptr<orchestration::orchestrator> orchestrator_;
  std::unique_ptr<control::submission_reader> submissions_;
  std::unique_ptr<control::control_api> control_;
  std::unique_ptr<control::agent_api> agents_;
  std::unique_ptr<http::server> control_server_;
  std::unique_ptr<http::server> agent_server_;
  std::unique_ptr<supervision::guard::guard_link> guard_;
  control::heartbeat_observer guard_beats_;
  std::unique_ptr<orchestration::housekeeping> housekeeping_;
};

}  // namespace nine::core
