#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ninelives/base/time.hpp"
#include "ninelives/supervision/shim/protocol.hpp"

/// What a shim decides, without what it does: shim_driver runs it on the kernel, the simulation on
/// simulated processes. Time is passed in; nothing here blocks, fails or asks the outside.
namespace nine::supervision::shim {

struct shim_settings {
  environment::process_identity self;
  core_epoch core_least{0};  ///< cores below it are refused even by a shim that has just begun
  /// Without a core for this long, the shim asks for the guard to be started; then again after
  /// twice the wait, up to the most. Each wait is lengthened by its `jitter` share, drawn once per
  /// shim in [0, 1), so that a thousand shims do not start a thousand guards.
  duration guard_wait = 2s;
  duration guard_wait_most = 60s;
  double jitter = 0;
  /// A connection that has not said hello by then is closed.
  duration hello_wait = 5s;
  /// Between two rounds of killing while something of the agent's tree is still there.
  duration kill_repeat = 5ms;
  duration kill_repeat_most = 1s;
  /// On a terminate request (SIGTERM to the shim) the agent has this long.
  duration terminate_grace = 5s;
  /// A shim that has no agent and hears of no core for this long ends itself.
  duration idle_most = 10min;
};

constexpr std::size_t connections_most = 8;
constexpr std::size_t start_arguments_most = 4096;
constexpr std::uint32_t grace_most_ms = 24 * 60 * 60 * 1000;

/// Names a connection; never used twice in the life of a shim.
using connection_id = std::uint64_t;

// --- inputs: what happened ---

struct connection_opened {
  connection_id connection = 0;
};
struct connection_closed {
  connection_id connection = 0;
};
struct request_received {
  connection_id connection = 0;
  request message;
};
/// The peer sent what is no frame of the protocol.
struct protocol_violated {
  connection_id connection = 0;
  std::string reason;
};
/// Answers to spawn_agent.
struct agent_spawned {
  epoch incarnation;
  environment::process_identity agent;
  std::string cgroup;
};
struct agent_spawn_failed {
  epoch incarnation;
  std::int32_t error_number = 0;
  std::string message;
};
/// The main process was reaped.
struct main_exited {
  epoch incarnation;
  environment::exit_status exit;
};
/// No descendant of the shim is left (proved, such as by waitid's ECHILD). May come only after
/// main_exited of that incarnation.
struct tree_gone {
  epoch incarnation;
};
/// Answer to drain_output: all that was in the pipes is in the files, as far as they took it.
struct output_drained {
  epoch incarnation;
  bytes output_bytes = 0;
  bytes stdout_bytes_lost = 0;
};
/// Somebody wants the shim itself to end (SIGTERM).
struct terminate_requested {};
/// `now` may have reached next_deadline(). Early ones do no harm.
struct time_passed {};

using shim_input = std::variant<connection_opened, connection_closed, request_received,
                                protocol_violated, agent_spawned, agent_spawn_failed, main_exited,
                                tree_gone, output_drained, terminate_requested, time_passed>;

// --- actions: what is to be done, in this order ---

struct spawn_agent {
  start request;
};
/// To the agent's process group (only while its main process is not reaped).
struct signal_agent {
  epoch incarnation;
  int signal_number = 0;
};
/// SIGKILL to whatever is left of the agent's tree.
struct kill_tree {
  epoch incarnation;
};
struct drain_output {
  epoch incarnation;
};
/// Leave the ending where it is found should the shim be killed before it is acknowledged. Of a
/// crash that a core was told of, only once no core has come for the guard's wait: if both were
/// lost before, the agent would be started again, as after the crash.
struct persist_ending {
  std::variant<exited, start_failed> ending;
};
/// All endings are acknowledged; what was persisted may go.
struct forget_endings {};
struct send_event {
  connection_id connection = 0;
  event message;
};
/// After what was sent to it has been sent, as far as it takes it at once.
struct close_connection {
  connection_id connection = 0;
};
/// Start the guard of the home, unless one lives or the home was shut down on purpose.
struct start_guard {};
/// Remove the socket and exit. Always the last action.
struct finish {};

using shim_action = std::variant<spawn_agent, signal_agent, kill_tree, drain_output, persist_ending,
                                 forget_endings, send_event, close_connection, start_guard, finish>;

/// One agent's keeper. Its state is one of
///
///   idle → starting → running → ending → draining → exited → idle
///
/// where ending means that the main process is reaped but not proved that nothing is left of it,
/// draining that its last output is being written, and exited that the exit is not yet
/// acknowledged. Requests of any connection but the serving one, and of any epoch not above the
/// last, are refused. Not thread-safe.
class shim_core {
 public:
  shim_core(shim_settings settings, monotonic_time now);

  /// Takes one input and gives the actions it leads to. Inputs about other incarnations or
  /// connections than the present ones are ignored.
  std::vector<shim_action> handle(shim_input input, monotonic_time now);

  /// When to call handle(time_passed) at the latest; empty: never.
  std::optional<monotonic_time> next_deadline() const;

  /// An agent runs or something of it may be left: the shim must not end.
  bool has_agent() const;
  epoch incarnation() const { return incarnation_; }
  bool has_no_endings() const { return exits_.empty() && failed_starts_.empty(); }

 private:
  enum class phase { idle, starting, running, ending, draining };
  struct connection_state {
    monotonic_time hello_deadline;
    bool greeted = false;
  };

  void on(connection_opened input);
  void on(connection_closed input);
  void on(request_received input);
  void on(protocol_violated input);
  void on(agent_spawned input);
  void on(agent_spawn_failed input);
  void on(main_exited input);
  void on(tree_gone input);
  void on(output_drained input);
  void on(terminate_requested input);
  void on(time_passed input);

  void take(connection_id connection, const core_hello& message);
  void take(connection_id connection, start message);
  void take(connection_id connection, const stop& message);
  void take(connection_id connection, const acknowledge_exit& message);
  void take(connection_id connection, const quit& message);

  void begin_stop(duration grace);
  void kill_what_is_left();
  void keep(std::variant<exited, start_failed> ending);
  void persist_endings();
  epoch newest_ending() const;
  void core_lost();
  void refuse(connection_id connection, std::size_t request_index, epoch incarnation,
              std::string reason);
  void drop(connection_id connection);
  void send_to_core(event message);
  void end_shim();
  std::string why_not_startable(const start& message) const;
  shim_hello hello() const;
  bool is_current(epoch incarnation, phase expected) const;
  duration with_jitter(duration wait) const;

  void expire_hellos();
  void expire_guard_wait();
  void expire_idle();

  shim_settings settings_;
  monotonic_time now_;
  std::vector<shim_action> actions_;

  phase phase_ = phase::idle;
  epoch incarnation_;
  environment::process_identity agent_;
  std::string cgroup_;
  environment::exit_status exit_;
  std::vector<exited> exits_;
  std::vector<start_failed> failed_starts_;
  std::vector<std::variant<exited, start_failed>> unpersisted_;  ///< in their order

  bool stop_was_asked_ = false;
  std::optional<duration> stop_while_starting_;
  std::optional<monotonic_time> kill_at_;  ///< end of the grace time, or the next round of killing
  duration kill_wait_{0};

  std::map<connection_id, connection_state> connections_;
  connection_id serving_ = 0;
  core_epoch core_highest_;

  std::optional<monotonic_time> guard_at_;
  duration guard_wait_{0};
  std::optional<monotonic_time> idle_at_;
  bool terminating_ = false;
  bool finished_ = false;
};

}  // namespace nine::supervision::shim
