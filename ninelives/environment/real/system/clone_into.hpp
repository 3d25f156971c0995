#pragma once

#include <sys/types.h>

#include <cstddef>

/// Detail of spawn_process: a child that shares the parent's memory, on a stack of its own, while
/// the parent waits until it has executed or ended.
namespace nine::environment::system {

struct clone_request {
  int (*function)(void*);  ///< its value is the exit code
  void* argument;
  char* stack;
  std::size_t stack_bytes;
  bool want_pidfd;
  bool as_sibling;
};

struct clone_outcome {
  pid_t pid = -1;
  int pidfd = -1;
  int error_number = 0;
  bool in_cgroup = false;
};

/// clone3(2), born inside the cgroup when one is given (a directory's descriptor, or -1). Fails
/// with ENOSYS where this program has no way to call it.
clone_outcome clone_by_clone3(const clone_request& request, int cgroup);

/// clone(2), which any kernel has.
clone_outcome clone_by_clone(const clone_request& request);

/// Reaps a child that could not execute; a sibling is its parent's to reap.
void discard_failed_child(pid_t pid, bool is_sibling);

}  // namespace nine::environment::system
