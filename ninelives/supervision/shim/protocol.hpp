#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/environment/exit_status.hpp"
#include "ninelives/environment/process_identity.hpp"

/// What core and shim say to each other over the shim's Unix socket. A frame is: length of what
/// follows (u32), kind (u16), fields in the order of the struct; numbers little-endian, texts and
/// lists with a u32 count in front. Both sides begin with hello; a side that does not know the
/// other's version says so in its hello and takes only what both know. See docs/processes.md.
namespace nine::supervision::shim {

constexpr std::uint32_t protocol_version = 1;
constexpr std::uint32_t frame_bytes_most = 4 * MiB;

/// So many endings (exits and failed starts) wait for their acknowledgement at most; a start beyond
/// is refused until one is acknowledged.
constexpr std::size_t endings_kept_most = 64;

// --- how a core starts a shim ---
//
//   nine-shim DIRECTORY CORE_EPOCH
//
// DIRECTORY (absolute) is the child's own and exists; cores below CORE_EPOCH are refused. The
// listening socket DIRECTORY/socket comes as descriptor 3 by LISTEN_FDS, under the name `shim`. Its
// environment is the one agents do not get: clean, with NINE_SHIM=DIRECTORY, by which a shim is
// found that no record knows.

constexpr std::string_view listener_name = "shim";
constexpr std::string_view socket_file = "socket";
/// Holds the path of the agent's control group; empty or missing: there is none.
constexpr std::string_view cgroup_file = "cgroup";
/// How the names of those groups begin.
constexpr std::string_view cgroup_prefix = "nine-";
constexpr std::string_view shim_marker = "NINE_SHIM";    ///< in the shim's environment only
constexpr std::string_view agent_marker = "NINE_CHILD";  ///< in the agent's: =DIRECTORY, see start

// --- from core to shim ---

/// First on every connection. The shim serves the connection with the highest core epoch, the
/// newest among equals; it answers an older one with `refused` and closes it.
struct core_hello {
  std::uint32_t version = protocol_version;
  core_epoch core;
  bool operator==(const core_hello&) const = default;
};

/// Starts an incarnation. Refused while another lives, when an ending newer than `supersedes` is
/// kept, when endings_kept_most are kept, and for an epoch not higher than any seen before.
struct start {
  epoch incarnation;
  /// The newest incarnation whose ending this core has seen, 0 for none. What it has seen it need
  /// not have recorded: the next life does not wait for a sync. The shim keeps that ending, beside
  /// the new incarnation, until it is acknowledged.
  epoch supersedes;
  std::vector<std::string>
      arguments;  ///< [0] is looked up in PATH of `environment` unless it has a '/'
  std::vector<std::string> environment;  ///< "NAME=value", complete
  std::string directory;
  std::string stdin_file;  ///< empty: /dev/null
  std::string
      stdout_file;  ///< appended to, mode 0600; at `log_bytes_most` it is moved to NAME.1 once more
  std::string stderr_file;  ///< may equal stdout_file: then both are merged in order
  bytes log_bytes_most = 16 * MiB;
  bytes memory_bytes_most = 0;  ///< enforced where the cgroup can; 0: no limit
  bool operator==(const start&) const = default;
};

/// TERM to the agent's process group, KILL to everything of it after the grace time (0: at once).
/// Answered by `exited`. Refused when that incarnation is not running.
struct stop {
  epoch incarnation;
  std::uint32_t grace_ms = 0;
  bool operator==(const stop&) const = default;
};

/// The endings of this incarnation and of all before it are on record; the shim may forget them.
/// Never refused: acknowledging what is forgotten already changes nothing.
struct acknowledge_exit {
  epoch incarnation;
  bool operator==(const acknowledge_exit&) const = default;
};

/// End the shim; refused while an agent runs, not because of kept endings. The shim removes its
/// directory's socket and exits.
struct quit {
  bool operator==(const quit&) const = default;
};

using request = std::variant<core_hello, start, stop, acknowledge_exit, quit>;

// --- from shim to core ---

enum class agent_state : std::uint8_t {
  none = 0,     ///< nothing runs
  running = 1,  ///< includes: being stopped
};

struct started {
  epoch incarnation;
  environment::process_identity agent;
  std::string cgroup;  ///< the agent's, empty without one: needed when the shim is killed
  bool operator==(const started&) const = default;
};

/// The program could not be started; nothing is left of it. To be acknowledged like an exit.
struct start_failed {
  epoch incarnation;
  std::int32_t error_number = 0;  ///< errno
  std::string message;            ///< what failed and why, for a person
  bool operator==(const start_failed&) const = default;
};

/// The agent and every descendant of it is gone, its output is written. Repeated to every new
/// connection (in shim_hello) until acknowledged.
struct exited {
  epoch incarnation;
  environment::exit_status exit;
  bool stop_was_asked = false;  ///< a stop request came before the exit
  bytes output_bytes = 0;
  bytes stdout_bytes_lost = 0;  ///< of those, what the disk did not take
  bool operator==(const exited&) const = default;
};

/// The answer to core_hello: all a new core needs to take over. An incarnation that runs and
/// endings of earlier ones may be there at the same time.
struct shim_hello {
  std::uint32_t version = protocol_version;
  environment::process_identity shim;
  agent_state state = agent_state::none;
  epoch incarnation;                        ///< the highest seen; it runs in state running
  environment::process_identity agent;      ///< of that incarnation; pid 0 when none was started
  std::string cgroup;                       ///< path of the agent's cgroup, empty without one
  std::vector<exited> exits;                ///< not acknowledged yet, by rising incarnation
  std::vector<start_failed> failed_starts;  ///< not acknowledged yet, by rising incarnation
  bool operator==(const shim_hello&) const = default;
};

struct refused {
  std::uint16_t request_kind = 0;  ///< the variant index of the request
  epoch incarnation;
  std::string reason;
  bool operator==(const refused&) const = default;
};

using event = std::variant<shim_hello, started, start_failed, exited, refused>;

/// A complete frame.
std::string encode(const request& message);
std::string encode(const event& message);

/// Takes bytes in pieces of any size and gives frames' payloads (kind and fields) one by one. Never
/// trusts a length: a frame over frame_bytes_most is a protocol_error, and so is everything after
/// it.
class frame_reader {
 public:
  void feed(std::string_view data);
  /// The next complete payload; empty when more bytes are needed. Error: protocol_error.
  result<std::string> next();

 private:
  std::string buffer_;
  std::size_t consumed_ = 0;
};

/// Decode one payload. Unknown kinds, missing or left-over bytes: protocol_error.
result<request> decode_request(std::string_view payload);
result<event> decode_event(std::string_view payload);

}  // namespace nine::supervision::shim
