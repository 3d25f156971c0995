#include "ninelives/environment/real/system/child_reaper.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>

#include "ninelives/environment/real/system/kernel_error.hpp"

namespace nine::environment::system {

exit_status exit_status_of(int code, int status) {
  return code == CLD_EXITED ? exit_status::exited(status) : exit_status::signalled(status);
}

result<void> become_subreaper() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
    return kernel_failure(errno, "become a subreaper");
  }
  return {};
}

reaping reap_any() {
  siginfo_t information{};
  // __WALL: a child made with an exit signal other than SIGCHLD must not hide.
  if (::waitid(P_ALL, 0, &information, WEXITED | WNOHANG | __WALL) != 0) {
    return {reaping::kind::no_children, 0, {}};
  }
  if (information.si_pid == 0) return {reaping::kind::none_ready, 0, {}};
  return {reaping::kind::reaped, information.si_pid,
          exit_status_of(information.si_code, information.si_status)};
}

}  // namespace nine::environment::system
