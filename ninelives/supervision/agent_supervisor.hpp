#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/environment/environment.hpp"
#include "ninelives/environment/process_sight.hpp"
#include "ninelives/supervision/child_specification.hpp"
#include "ninelives/supervision/crash_loop_guard.hpp"
#include "ninelives/supervision/restart_delay.hpp"
#include "ninelives/supervision/restart_intensity.hpp"
#include "ninelives/supervision/shim/protocol.hpp"

namespace nine::supervision {

/// Which exits of a child's program are crashes. Signals and losses always are.
enum class exit_meaning {
  success_only,  ///< every exit code but 0 is a crash too
  any_code,      ///< an exit code is a result, to be judged by the owner: agents, gates
};

/// A child to be run in a shim of its own.
struct child_request {
  std::string name{};  ///< unique in the home: [a-z0-9.-], at most child_name_bytes_most; "t12.a1"
  child_specification specification{};  ///< its id is the name; an empty id is filled in
  exit_meaning exits = exit_meaning::any_code;
  intensity_limits intensity{};
  restart_delay_limits delay{};
  crash_loop_limits crash_loop{};
  std::vector<wall_time> crashes{};  ///< known from earlier lives of the core, rising
};

constexpr std::size_t child_name_bytes_most = 64;

/// How one life of a child ended.
struct incarnation_ending {
  enum class kind {
    exited,        ///< its shim saw it end
    start_failed,  ///< it never ran
    lost,          ///< its shim died; all that was left of it is ended, its exit is not known
  };

  epoch incarnation{};
  kind how = kind::lost;
  environment::exit_status exit{};
  bool stop_was_asked = false;
  bytes output_bytes = 0;         ///< for exited
  bytes stdout_bytes_lost = 0;    ///< for exited: what the disk did not take
  std::int32_t error_number = 0;  ///< for start_failed: errno
  std::string message{};          ///< for start_failed and lost: why
  bool operator==(const incarnation_ending&) const = default;
};

/// Whether the program is not there or cannot be executed, so that trying again is no use.
bool can_never_run(const incarnation_ending& ending);

/// What the supervisor does about an ending.
struct restart_decision {
  bool will_restart = false;
  duration delay{};
  std::string reason{};  ///< for a person: why not, or how long it waits and why; empty: at once
  bool operator==(const restart_decision&) const = default;
};

/// The end of a child.
struct child_outcome {
  enum class kind {
    normal,             ///< it ended by itself and shall not be restarted
    stopped,            ///< as asked
    crashed_too_often,  ///< restart intensity exceeded
    start_failed,       ///< its first start failed
    lost,               ///< its shim died and its restart type forbids another life
  };

  kind how = kind::normal;
  environment::exit_status exit{};  ///< of the last incarnation
  std::string reason{};
  bool operator==(const child_outcome&) const = default;
};

/// What the owner of the children is told and asked. Called on the supervisor's executor, never
/// from within a call to the supervisor. No call may block or wait for a sync: a restart is on its
/// way.
class child_events {
 public:
  virtual ~child_events() = default;

  /// The next incarnation is due: raise the epoch, queue the fact, say how to start. For a
  /// restart, the epoch of the message must be higher than that of the last one; `supersedes` and
  /// the child's marker in the environment are filled in by the supervisor. Error `fenced` ends
  /// all; any other is a failed start (incarnation_ended is not called for it).
  virtual result<shim::start> incarnation_starting(const std::string& child) = 0;

  virtual void incarnation_started(const std::string& child, epoch incarnation,
                                   const environment::process_identity& agent) = 0;

  /// The life that is about to be told as started runs without the memory limit it was given.
  virtual void memory_not_limited(const std::string& child, const std::string& why) = 0;

  /// To be acknowledged (agent_supervisor::acknowledge) once the fact is durable. The next
  /// incarnation does not wait for that. Comes again after a core's death until acknowledged.
  virtual void incarnation_ended(const std::string& child, const incarnation_ending& ending,
                                 const restart_decision& decision) = 0;

  /// No further incarnation will be. The child's shim goes when all endings are acknowledged.
  virtual void child_finished(const std::string& child, const child_outcome& outcome) = 0;

  /// Shim and directory of a child that has finished or was discarded are gone: its name is free.
  virtual void child_gone(const std::string& child) = 0;

  /// A newer core owns this home: the supervisor has let go of everything, and this core must end.
  virtual void fenced(const std::string& reason) = 0;
};

/// What take_over() found in a shim's directory.
struct taken_over {
  enum class state {
    running,  ///< an agent runs: same pid, nothing was restarted
    idle,     ///< no agent runs: it ended while no core was there, or waits for its restart
    unknown,  ///< the shim does not answer; neither dead nor alive, being probed again
    lost,  ///< the shim is proved dead; all that was left of it is ended and removed; `endings` are
           ///< those it had written down: none other will tell of them again
  };

  std::string name{};
  state found = state::unknown;
  epoch incarnation{};                        ///< the highest the shim saw; 0: none, or not known
  environment::process_identity agent{};      ///< of that incarnation
  std::vector<incarnation_ending> endings{};  ///< not acknowledged, by rising incarnation
};

/// A child as it is now, for people.
struct child_view {
  enum class state { starting, running, restarting, stopping, finished };

  std::string name{};
  state now = state::starting;
  bool connected = false;  ///< the shim answers
  epoch incarnation{};
  environment::process_identity shim{};
  environment::process_identity agent{};  ///< pid 0: none runs
  std::uint32_t restarts = 0;             ///< by this core
  std::optional<duration> starts_in{};    ///< in state restarting
};

struct agent_supervisor_options {
  std::filesystem::path shims;                       ///< HOME/shims: one directory a child
  std::filesystem::path shim_program;                ///< nine-shim
  std::vector<std::string> shim_environment;         ///< complete; the marker NINE_SHIM is added
  environment::look_at_processes look_at_processes;  ///< by which what a dead shim left is found
  core_epoch core;
  std::filesystem::path core_epoch_file;  ///< HOME/core_epoch, see core_fence.hpp; empty: no fence

  duration shim_starts_within = 30s;  ///< from spawn to hello, on a machine that is busy
  duration shim_answers_within = 2s;  ///< connect and hello; later is unknown, never dead
  duration reconnect_first = 20ms;
  duration reconnect_most = 1s;
  duration stop_margin = 10s;  ///< beyond a stop's grace, before a shim that is mute is killed
  std::size_t take_over_at_once = 64;
};

/// Runs children in shims and keeps them running by their restart type, each under a supervisor of
/// its own (pure, see supervisor.hpp): one child's crashes never end another. Finds the shims of an
/// earlier core again. Calls into it come from its executor, a single thread.
///
/// In HOME/shims/NAME: `socket` (the shim's), `identity` (who the shim is), `agent` (who its agent
/// is), `shim.log`. Agents carry NINE_CHILD=HOME/shims/NAME in their environment. By these what
/// outlives a killed shim is found.
class agent_supervisor {
 public:
  agent_supervisor(boost::asio::any_io_executor executor, environment::bundle environment,
                   environment::worker& worker, child_events& events,
                   agent_supervisor_options options);
  /// Lets go: connections are closed, no event follows, shims and agents go on (S10).
  ~agent_supervisor();
  agent_supervisor(const agent_supervisor&) = delete;
  agent_supervisor& operator=(const agent_supervisor&) = delete;

  /// Makes the child's shim; when this succeeds the first incarnation follows through the events.
  /// Otherwise nothing is left of it. Waits for the end of a finished or discarded child of that
  /// name. Errors: invalid_argument, already_exists, not_found (no shim program), timed_out,
  /// resource_exhausted, io_error, fenced, cancelled (stopped meanwhile).
  boost::asio::awaitable<result<void>> start(child_request request);

  /// Ends the child by its shutdown policy; child_finished follows. Asking again changes nothing.
  /// Error: not_found.
  result<void> stop(const std::string& child, std::string reason);

  /// To be called first, once: connects to every shim of the home, a bounded number at once.
  boost::asio::awaitable<result<std::vector<taken_over>>> take_over();

  /// Removes what tells of the children that take_over() found lost: once their endings are on
  /// record. Until then their names are taken.
  boost::asio::awaitable<void> clear_away_dead();

  /// Goes on with a child that take_over() found running, idle or unknown. Endings that are not
  /// acknowledged are reported through incarnation_ended and decided by the restart type; an idle
  /// child without one waits for no reason and is started. Errors: not_found (lost, or never
  /// found), invalid_argument, already_exists (adopted already).
  result<void> adopt(child_request request);

  /// Ends and removes a child that take_over() found and nobody wants. Of its events only
  /// child_gone follows.
  result<void> discard(const std::string& child, std::string reason);

  /// The endings of the child up to this incarnation are on record. Unknown names are ignored.
  void acknowledge(const std::string& child, epoch incarnation);

  /// The child's present run did something worth keeping: its next restart is not delayed.
  void made_progress(const std::string& child);

  std::vector<child_view> children() const;

 private:
  class implementation;
  std::shared_ptr<implementation> implementation_;
};

}  // namespace nine::supervision
