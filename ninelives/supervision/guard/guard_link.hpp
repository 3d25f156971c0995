#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/exclusive_lock.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/environment/notification.hpp"
#include "ninelives/environment/processes.hpp"
#include "ninelives/environment/random.hpp"
#include "ninelives/home/home_layout.hpp"
#include "ninelives/supervision/guard/restart_backoff.hpp"
#include "ninelives/telemetry/logger.hpp"

namespace nine::supervision::guard {

/// How to run `nine guard`.
struct guard_command {
  std::vector<std::string> arguments;    ///< [0] is the program's path
  std::vector<std::string> environment;  ///< "NAME=value", complete but for what is added here
  std::filesystem::path log = {};        ///< its stdout and stderr
};

struct guard_link_options {
  home::home_layout layout;
  std::string home_key = {};        ///< by which a home that was removed is known; empty: it stays
  std::string notify_address = {};  ///< NOTIFY_SOCKET; empty: nobody listens
  std::string guard = {};           ///< NINE_GUARD; empty: a dead guard is not our business
  guard_command command = {};
  duration beat_interval = 1s;
  backoff_limits backoff = {};
  telemetry::logger log = {};
};

struct guard_link_seams {
  environment::clock& clock;
  environment::random& random;
  environment::files& files;
  environment::processes& processes;
  environment::notifications& notifications;
  environment::locks& locks;
};

/// The core's side of the guard: tells it that the core is well, and replaces it when it is dead.
/// Everything a service says is a hint that may get lost; so nothing here fails.
/// Thread: one executor.
class guard_link {
 public:
  guard_link(guard_link_options options, guard_link_seams seams);

  /// The core serves: recovery is done, sockets are accepted from.
  void ready();

  /// Call it after each completed pass of the core's main loop (not from a timer of its own: a core
  /// whose loop hangs must fall silent). Sends at most one beat each beat_interval.
  void beat();

  /// Since the last beat that was sent; none before the first.
  std::optional<duration> beat_age() const;

  /// One line for people, shown by the guard.
  void status(std::string_view line);

  /// The core ends in good order.
  void stopping();

  /// Watches the guard while the core runs; when it is proved dead, starts another that takes over
  /// the sockets and adopts this core. A guard that somebody else started first is accepted. Ends
  /// when the home is stopped or removed, at once when there is no guard of ours; else runs until
  /// cancelled. The listeners stay with the caller and outlive the call.
  boost::asio::awaitable<void> keep_guard(environment::listener& control,
                                          environment::listener& agent);

  /// The guard being watched; none when an init system is the guard.
  const std::optional<environment::process_identity>& guard() const { return guard_; }

 private:
  void notify(std::string_view lines);
  void find_first_guard();
  bool home_has_ended();
  result<environment::process_identity> next_guard(environment::listener& control,
                                                   environment::listener& agent);
  environment::process_specification specification(environment::listener& control,
                                                   environment::listener& agent);

  guard_link_options options_;
  guard_link_seams seams_;
  std::unique_ptr<environment::notifier> notifier_;
  std::optional<environment::process_identity> guard_;
  std::optional<monotonic_time> last_beat_;
};

}  // namespace nine::supervision::guard
