#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ninelives/base/time.hpp"
#include "ninelives/environment/exit_status.hpp"
#include "ninelives/environment/notification_message.hpp"
#include "ninelives/environment/process_identity.hpp"
#include "ninelives/supervision/guard/restart_backoff.hpp"
#include "ninelives/telemetry/level.hpp"

namespace nine::supervision::guard {

/// A service: a process that the guard keeps running (the core, the gateway).
struct service_specification {
  std::string name;
  duration ready_within = 60s;  ///< from spawn to READY=1; later counts as stale
  duration stale_after = 10s;   ///< without WATCHDOG=1 (S9)
  duration stop_grace = 30s;    ///< from TERM to KILL, and from one KILL to the next
  backoff_limits backoff = {};
};

struct guard_core_options {
  std::vector<service_specification> services;  ///< in start order
  duration check_interval = 1s;                 ///< the longest it goes without looking
  duration lateness_tolerated = 500ms;          ///< of its own waking, before verdicts wait
};

/// Place of a service in the table.
using service_index = std::size_t;

// --- events ---

/// Start what is not running, in order. Comes once.
struct begin {};
/// A process that plays the service runs already; it may be no child of ours.
struct adopted {
  service_index service;
  environment::process_identity process;
};
struct spawned {
  service_index service;
  environment::process_identity process;
};
struct spawn_failed {
  service_index service;
  std::string message;
};
/// The process is proved gone.
struct ended {
  service_index service;
  environment::process_identity process;
  environment::exit_status status;
  bool home_stopped = false;  ///< a tombstone exists: stop means stop (S16)
};
/// From the process `pid`; who is not a service's main process is not listened to.
struct notified {
  std::int32_t pid = 0;
  environment::notification_message message;
};
/// What the service serves is no longer where clients look for it: somebody cleared it away.
struct unreachable {
  service_index service;
};
struct stop_requested {
  std::string reason;
};
struct time_passed {};

using guard_event = std::variant<begin, adopted, spawned, spawn_failed, ended, notified,
                                 unreachable, stop_requested, time_passed>;

// --- actions ---

/// Answered at once by the event adopted, spawned or spawn_failed, or by stop_requested.
struct spawn_service {
  service_index service;
  bool operator==(const spawn_service&) const = default;
};
struct signal_service {
  service_index service;
  environment::process_identity process;
  int signal_number = 0;
  bool operator==(const signal_service&) const = default;
};
/// For the log and for people, with the evidence.
struct report {
  telemetry::level how = telemetry::level::info;
  std::string event;    ///< a fixed name, as the logger wants it
  std::string service;  ///< empty: about the guard itself
  std::string text;     ///< a sentence that names the service
  bool operator==(const report&) const = default;
};

using guard_action = std::variant<spawn_service, signal_service, report>;

/// Decides what the guard does. Pure: events in, actions out; it never touches agents.
///
/// Services start in order, each after the one before was READY, and stop in reverse order. A
/// service that ended is started again after its backoff, the others are left alone. One that is
/// not READY in time, or whose beats stop, gets TERM, then KILL; that verdict is not taken back.
/// One that is adopted may have been READY long ago, or may boot still: its first beat tells.
///
/// Its own lateness is not held against a service: when it is called later than next_wakeup() by
/// more than `lateness_tolerated` (it was stopped, the machine slept or starved), all ages are
/// reduced by the time it was late. Callers hand in all notifications that have arrived before they
/// hand in time_passed.
class guard_core {
 public:
  enum class phase {
    idle,      ///< not begun, or stopped for good
    waiting,   ///< for the end of its backoff
    starting,  ///< spawned, not READY yet; or adopted, and no word from it yet
    running,
    stopping,  ///< got TERM, or said STOPPING=1
    killing,   ///< got KILL
  };
  struct service_state {
    phase now = phase::idle;
    environment::process_identity process;
    monotonic_time started{};             ///< this life: spawned or adopted
    std::optional<monotonic_time> ready;  ///< this life, once it was READY
    monotonic_time last_beat{};
    monotonic_time deadline{};   ///< of the phases waiting, stopping, killing
    std::uint32_t failures = 0;  ///< lives in a row that were not forgiven
    bool adopted = false;        ///< this life
  };

  explicit guard_core(guard_core_options options);

  /// `chance`: uniform in [0, 1), fresh for each call.
  std::vector<guard_action> step(const guard_event& event, monotonic_time now, double chance);

  /// When to hand in time_passed at the latest.
  monotonic_time next_wakeup() const { return next_wakeup_; }

  bool stopping() const { return stopping_; }
  /// A stop was asked for and all services are gone.
  bool finished() const;

  const service_specification& specification(service_index service) const;
  const service_state& state(service_index service) const;
  std::size_t size() const { return states_.size(); }

 private:
  void handle(const begin& event);
  void handle(const adopted& event);
  void handle(const spawned& event);
  void handle(const spawn_failed& event);
  void handle(const ended& event);
  void handle(const notified& event);
  void handle(const unreachable& event);
  void handle(const stop_requested& event);
  void handle(const time_passed& event);

  void forgive_own_lateness();
  void start_next();
  void stop_next();
  void start(service_index service);
  void start_again(service_index service);
  void check(service_index service);
  void terminate(service_index service, const std::string& why);
  void kill(service_index service);
  void send(service_index service, int signal_number);
  void say(service_index service, telemetry::level how, std::string_view event,
           std::string_view text);
  monotonic_time deadline_of(service_index service) const;
  void plan_wakeup();

  guard_core_options options_;
  std::vector<service_state> states_;
  std::vector<guard_action> actions_;  ///< of the step being taken
  monotonic_time now_{};
  monotonic_time next_wakeup_{};
  double chance_ = 0;
  bool stopping_ = false;
};

}  // namespace nine::supervision::guard
