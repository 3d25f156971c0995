#include "ninelives/environment/real/system/child_reaper.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "ninelives/environment/real/system/kernel_error.hpp"
#include "ninelives/environment/real/system/pidfd.hpp"
#include "ninelives/environment/real/system/process_table.hpp"

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

void signal_group(pid_t leader, int signal_number) {
  ::kill(-leader, signal_number);
}

std::size_t kill_descendants() {
  constexpr int rounds_most = 8;
  std::size_t killed = 0;
  for (int round = 0; round < rounds_most; ++round) {
    const auto living = descendants_of(::getpid());
    if (!living || living->empty()) break;
    for (const auto& process : *living) {
      const auto handle = pidfd::open(process);
      if (handle && handle->send_signal(SIGKILL)) ++killed;
    }
  }
  return killed;
}

}  // namespace nine::environment::system
