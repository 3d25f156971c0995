#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment::system {

/// How to start a program. Everything referred to lives until spawn_process returns.
struct spawn_specification {
  std::vector<const char*> arguments;    ///< [0] names the program; without the closing null
  std::vector<const char*> environment;  ///< "NAME=value", complete; without the closing null
  const char* directory = nullptr;       ///< null: stay
  /// They become 0, 1, 2, …; everything else is closed. The same may be named more than once.
  std::vector<int> descriptors;
  /// Without '/' in it, the program is looked up in the PATH of `environment`.
  bool search_path = false;
  /// For descriptors 3, 4, …: "LISTEN_FDNAMES" of sd_listen_fds(3); LISTEN_FDS and LISTEN_PID are
  /// added, too. Empty: none of the three.
  std::vector<std::string> listen_names;
  int cgroup = -1;  ///< directory of a cgroup v2 to be born in
  /// Make it a child of this process's parent instead of its own (CLONE_PARENT).
  bool as_sibling = false;
  bool want_pidfd = true;
  /// Bit n - 1 for signal n: those the child sets back to their default action. Who spawns often
  /// gives ignored_signals() of a moment after which nothing is ignored any more: of the others
  /// execve(2) sees to itself.
  std::uint64_t signals_to_reset = ~std::uint64_t{0};
};

/// What this process ignores, as signals_to_reset wants it.
std::uint64_t ignored_signals();

struct spawned_process {
  pid_t pid = 0;
  descriptor pidfd;  ///< empty when not wanted
  bool in_cgroup = false;
  /// As /proc/PID/stat tells it (clock ticks since boot), where the clock told it, too: it showed
  /// the same tick just before the birth and just after.
  std::optional<std::uint64_t> start_time;
};

struct spawn_failure {
  int error_number = 0;
  std::string message;  ///< "start /bin/x: No such file or directory"
};

/// Starts a program in a session of its own, with default signal dispositions and none blocked.
/// Returns when it has been executed or has failed, so a missing program is an error here and not
/// an exit later. The memory of this process is shared until then, not copied: the cost does not
/// grow with its size. Thread: any.
std::expected<spawned_process, spawn_failure> spawn_process(const spawn_specification& what);

}  // namespace nine::environment::system
