#include "ninelives/environment/real/system/clone_into.hpp"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace nine::environment::system {
namespace {

#if defined(__x86_64__)
/// The child must not return through this frame (it belongs to the parent), so it calls the
/// function right here, on its own stack, and ends.
__attribute__((noinline, no_sanitize("address", "thread", "undefined"))) long clone3_and_call(
    clone_args* arguments, std::size_t size, int (*function)(void*), void* argument) {
  long outcome = SYS_clone3;
  register auto child_function asm("r8") = function;
  register auto child_argument asm("r9") = argument;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "mov %%r9, %%rdi\n\t"
      "call *%%r8\n\t"
      "mov %%eax, %%edi\n\t"
      "mov %[exit], %%eax\n\t"
      "syscall\n\t"
      "hlt\n"
      "1:"
      : "+a"(outcome)
      : "D"(arguments), "S"(size), "r"(child_function), "r"(child_argument), [exit] "i"(SYS_exit)
      : "rcx", "r11", "memory");
  return outcome;
}
#else
long clone3_and_call(clone_args*, std::size_t, int (*)(void*), void*) {
  return -ENOSYS;
}
#endif

}  // namespace

clone_outcome clone_by_clone3(const clone_request& request, int cgroup) {
  clone_outcome outcome;
  clone_args arguments{};
  arguments.flags = CLONE_VM | CLONE_VFORK;
  if (request.want_pidfd) {
    arguments.flags |= CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<std::uintptr_t>(&outcome.pidfd);
  }
  if (cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  }
  // A sibling announces its end as this process would; the kernel wants no signal named then.
  arguments.flags |= request.as_sibling ? CLONE_PARENT : 0;
  arguments.exit_signal = request.as_sibling ? 0 : SIGCHLD;
  arguments.stack = reinterpret_cast<std::uintptr_t>(request.stack);
  arguments.stack_size = request.stack_bytes;
  const long pid =
      clone3_and_call(&arguments, sizeof arguments, request.function, request.argument);
  outcome.pid = pid < 0 ? -1 : static_cast<pid_t>(pid);
  outcome.error_number = pid < 0 ? static_cast<int>(-pid) : 0;
  outcome.in_cgroup = pid > 0 && cgroup >= 0;
  return outcome;
}

clone_outcome clone_by_clone(const clone_request& request) {
  clone_outcome outcome;
  int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
  if (request.want_pidfd) flags |= CLONE_PIDFD;
  if (request.as_sibling) flags |= CLONE_PARENT;
  outcome.pid = ::clone(request.function, request.stack + request.stack_bytes, flags,
                        request.argument, &outcome.pidfd);
  if (outcome.pid < 0) outcome.error_number = errno;
  return outcome;
}

void discard_failed_child(pid_t pid, bool is_sibling) {
  if (is_sibling) return;
  while (::waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR)
    continue;
}

}  // namespace nine::environment::system
