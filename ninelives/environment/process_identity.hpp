#pragma once

#include <cstdint>
#include <string>

namespace nine::environment {

/// Which process, beyond the reuse of pids: the same three values mean the same process, and
/// nothing else proves that one is dead (S6, S8).
struct process_identity {
  std::int32_t pid = 0;
  std::uint64_t start_time = 0;  ///< clock ticks since boot, field 22 of /proc/PID/stat
  std::string boot_id;           ///< /proc/sys/kernel/random/boot_id

  explicit operator bool() const { return pid > 0; }
  bool operator==(const process_identity&) const = default;
};

/// What looking at a process told. A probe that failed says nothing about the process: unknown, not
/// gone.
enum class liveness { alive, gone, unknown };

}  // namespace nine::environment
