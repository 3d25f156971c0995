#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/process_identity.hpp"

/// What /proc tells about processes. Every answer may be old by the time it is read; only an
/// identity (pid, start time, boot) can be acted on, and only through a pidfd.
namespace nine::environment::system {

/// The fields of /proc/PID/stat that matter here.
struct process_status {
  pid_t pid = 0;
  char state = '?';
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  int threads = 0;
  std::uint64_t start_time = 0;

  /// Ended and not reaped. A main thread that ended before its others shows Z, too, but counts
  /// them: that process still runs.
  bool is_zombie() const { return (state == 'Z' || state == 'X') && threads <= 1; }
};

/// Reads the text of /proc/PID/stat. Error: corrupted.
result<process_status> parse_process_status(std::string_view text);

/// Error: not_found when no process has this pid.
result<process_status> read_process_status(pid_t pid);

/// Of this boot; read once.
const std::string& boot_id();

result<process_identity> identify(pid_t pid);
result<process_identity> identify_self();

/// A zombie is gone: it does nothing any more, though its pid is still taken.
liveness probe(const process_identity& process);

/// All pids there are now.
result<std::vector<pid_t>> list_processes();

/// The entries of the initial environment of a process, as far as it may be read.
void for_each_variable(pid_t pid, const std::function<void(std::string_view entry)>& what);

/// Every process with the entry `marker` ("NAME=value") in its initial environment; those of other
/// users are not looked into. Zombies are left out. One in the midst of execve shows no
/// environment: whoever must find all looks again.
result<std::vector<process_identity>> find_marked(std::string_view marker);

/// The living processes that descend from `ancestor`, parents before children.
result<std::vector<process_identity>> descendants_of(pid_t ancestor);

}  // namespace nine::environment::system
