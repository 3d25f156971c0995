#include "ninelives/environment/real/system/pidfd.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "ninelives/environment/real/system/child_reaper.hpp"
#include "ninelives/environment/real/system/kernel_error.hpp"
#include "ninelives/environment/real/system/process_table.hpp"

namespace nine::environment::system {
namespace {

constexpr auto wait_by_pidfd = static_cast<idtype_t>(3);  // P_PIDFD, which the headers may lack

}  // namespace

result<pidfd> pidfd::open(const process_identity& process) {
  const auto what = "process " + std::to_string(process.pid);
  if (!process) return fail(error_code::invalid_argument, what);
  descriptor opened(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!opened) return kernel_failure(errno, what);
  NINE_TRY_ASSIGN(const auto now, identify(process.pid));
  if (now != process) return fail(error_code::not_found, what + " is gone, its pid is reused");
  return pidfd(std::move(opened));
}

result<void> pidfd::send_signal(int signal_number) const {
  if (::syscall(SYS_pidfd_send_signal, descriptor_.get(), signal_number, nullptr, 0) != 0) {
    return kernel_failure(errno, "send signal " + std::to_string(signal_number));
  }
  return {};
}

result<exit_status> reap(int pidfd_descriptor) {
  siginfo_t information{};
  const auto done = ::waitid(wait_by_pidfd, static_cast<id_t>(pidfd_descriptor), &information,
                             WEXITED | WNOHANG | __WALL);
  if (done != 0) return kernel_failure(errno, "wait for a child");
  if (information.si_pid == 0) return fail(error_code::precondition_failed, "the child runs");
  return exit_status_of(information.si_code, information.si_status);
}

void kill_and_reap(int pidfd_descriptor) {
  ::syscall(SYS_pidfd_send_signal, pidfd_descriptor, SIGKILL, nullptr, 0);
  siginfo_t information{};
  while (::waitid(wait_by_pidfd, static_cast<id_t>(pidfd_descriptor), &information,
                  WEXITED | __WALL) != 0 &&
         errno == EINTR)
    continue;
}

}  // namespace nine::environment::system
