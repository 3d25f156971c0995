#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ninelives/base/time.hpp"
#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/exclusive_lock.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/environment/network.hpp"
#include "ninelives/environment/notification.hpp"
#include "ninelives/environment/processes.hpp"
#include "ninelives/environment/random.hpp"
#include "ninelives/environment/termination.hpp"
#include "ninelives/home/home_layout.hpp"
#include "ninelives/supervision/guard/guard_core.hpp"
#include "ninelives/telemetry/logger.hpp"

namespace nine::supervision::guard {

/// How to run one service of the home.
struct service_command {
  service_specification specification;
  std::vector<std::string> arguments;    ///< [0] is the program's path
  std::vector<std::string> environment;  ///< "NAME=value", complete but for what the guard adds
  std::filesystem::path log;             ///< its stdout and stderr
  std::filesystem::path lock;            ///< held by the service while it lives (S8)
  bool takes_sockets = false;            ///< gets the control and the agent socket
};

struct guard_options {
  home::home_layout layout;
  std::vector<service_command> services = {};  ///< in start order
  std::string notify_address =
      {};                       ///< NOTIFY_SOCKET of the guard itself: its init system's; or empty
  duration watchdog{};          ///< WATCHDOG_USEC of the guard itself; zero: none
  std::string adopt_core = {};  ///< NINE_ADOPT_CORE; or empty
  duration check_interval = 1s;
  telemetry::logger log = {};  ///< what a person must know is among its lines
};

struct guard_seams {
  environment::clock& clock;
  environment::random& random;
  environment::files& files;
  environment::network& network;
  environment::processes& processes;
  environment::notifications& notifications;
  environment::locks& locks;
  environment::termination& termination;
};

/// What `nine guard` ends with.
constexpr int exit_stopped = 0;  ///< asked to, or the home has a tombstone
constexpr int exit_failed = 1;   ///< another guard holds the lock, or the home cannot be used
/// The core refused the home (home/refusal.hpp). EX_CONFIG of sysexits.h: the units tell systemd
/// not to start the guard again.
constexpr int exit_refused = 78;

/// How run() ends.
struct guard_end {
  int code = exit_failed;  ///< what the process is to end with
  /// The guard's lock, if it had it: to be held until the process is gone. Whoever waits for the
  /// end of the home watches it.
  std::unique_ptr<environment::exclusive_lock> lock;
};

/// Guards a home until it is told to stop (S9): takes the guard's lock, binds the listening sockets
/// or takes them over (inherited as "control" and "agent"), and keeps the services running. A core
/// that runs already is adopted; when its sockets were not handed over they stay with it, and are
/// bound anew when it ends.
///
/// Each service gets NINE_HOME, NOTIFY_SOCKET and WATCHDOG_USEC; and NINE_GUARD, the order to
/// replace a dead guard, unless an init system does that (`notify_address`).
///
/// Cancelling it leaves the services as they are. The seams and the
/// executor outlive it; stray watchers end with the executor.
boost::asio::awaitable<guard_end> run(guard_options options, guard_seams seams);

}  // namespace nine::supervision::guard
