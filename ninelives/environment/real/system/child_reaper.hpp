#pragma once

#include <sys/types.h>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/exit_status.hpp"

namespace nine::environment::system {

/// From waitid's si_code and si_status.
exit_status exit_status_of(int code, int status);

/// From now on, descendants whose parents die become children of this process: none is lost, and
/// "no children" proves that none is left.
result<void> become_subreaper();

/// One step of collecting the dead.
struct reaping {
  enum class kind {
    reaped,       ///< `pid` and `exit` tell who
    none_ready,   ///< there are children, all of them run
    no_children,  ///< no descendant is left (for a subreaper)
  };
  kind what = kind::no_children;
  pid_t pid = 0;
  exit_status exit;
};

/// Collects any one child that has ended, whatever signal announces it. Does not block.
reaping reap_any();

/// To the process group that a child leads. Only while the child is not reaped: afterwards its
/// number may be another's.
void signal_group(pid_t leader, int signal_number);

/// SIGKILL to every living descendant of this process, in rounds until one finds nobody new, or for
/// a bounded number of rounds. Gives how many were killed.
std::size_t kill_descendants();

}  // namespace nine::environment::system
