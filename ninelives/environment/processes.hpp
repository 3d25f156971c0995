#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/exit_status.hpp"
#include "ninelives/environment/network.hpp"
#include "ninelives/environment/process_identity.hpp"

namespace nine::environment {

/// A process of Ninelives' own to start: a shim, a guard, a core. (Agents are started by their
/// shim.)
struct process_specification {
  std::vector<std::string>
      arguments;  ///< arguments[0] is the program's path; no shell, no search path
  std::vector<std::string> environment;  ///< "NAME=value", complete: nothing is inherited
  std::filesystem::path directory = "/";
  std::filesystem::path log;  ///< stdout and stderr are appended here; empty: /dev/null
  /// Listening sockets it receives as descriptors 3, 4, … with LISTEN_FDS, LISTEN_FDNAMES and
  /// LISTEN_PID set. They stay open here; close them if only the child shall listen.
  struct handed_listener {
    std::string name;
    listener* socket;
  };
  std::vector<handed_listener> listeners;
};

/// Our own processes. Each is started in a session of its own, so that no signal to a terminal or a
/// group reaches it, and outlives its parent.
class processes {
 public:
  virtual ~processes() = default;

  /// This process.
  virtual process_identity self() = 0;

  /// Error: not_found (no such program), permission_denied, resource_exhausted, io_error.
  virtual result<process_identity> spawn(const process_specification& specification) = 0;

  /// Who has this pid now. Error: not_found.
  virtual result<process_identity> identify(std::int32_t pid) = 0;

  virtual liveness probe(const process_identity& process) = 0;

  /// Sends to exactly this process or to none. Error: not_found when it is gone.
  virtual result<void> signal(const process_identity& process, int signal_number) = 0;

  /// Completes when the process is proved gone; the status is known only for children.
  virtual boost::asio::awaitable<exit_status> wait(const process_identity& process) = 0;

  /// Every process that carries `marker` ("NAME=value") in its environment; for descendants that
  /// outlived their shim where no cgroup knows them.
  virtual result<std::vector<process_identity>> find_marked(std::string_view marker) = 0;

  /// From now on descendants whose parent died become our children (subreaper), and every child
  /// that nobody waits for is reaped when it ends. For the guard. Error: io_error.
  virtual result<void> adopt_orphans() = 0;
};

}  // namespace nine::environment
