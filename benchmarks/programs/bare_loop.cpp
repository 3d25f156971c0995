// What a restart costs at least: vfork, a pidfd, epoll, and nothing else. No state, no output, no
// process tree, no takeover. It ends, and its agents with it, when its standard input ends (whoever
// wanted it is gone), or when an agent ends by itself (nobody hears it).
//
//   nine-bench-bare-loop AGENT SOCKET FIRST_INDEX COUNT
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct child {
  std::string index;
  int pidfd = -1;
};

constexpr auto standard_input = UINT64_MAX;  ///< where an index of a child is else

char** const no_environment = new char* {nullptr};

std::vector<child> children;

[[noreturn]] void end_all(int code) {
  for (const auto& one : children)
    if (one.pidfd >= 0) ::syscall(SYS_pidfd_send_signal, one.pidfd, SIGKILL, nullptr, 0);
  ::_exit(code);
}

bool watch(int epoll, int descriptor, std::uint64_t place) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.u64 = place;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &wanted) == 0;
}

void start(child& one, std::size_t place, char* agent, char* socket, int epoll) {
  char* arguments[] = {agent, socket, one.index.data(), nullptr};
  const pid_t pid = ::vfork();
  if (pid == 0) {
    ::execve(agent, arguments, no_environment);
    ::_exit(127);
  }
  one.pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pid < 0 || one.pidfd < 0 || !watch(epoll, one.pidfd, place)) {
    std::perror("start an agent");
    end_all(1);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) return 2;
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (!watch(epoll, 0, standard_input)) return 2;
  const int first = std::atoi(arguments[3]);
  children.resize(static_cast<std::size_t>(std::atoi(arguments[4])));
  for (std::size_t i = 0; i < children.size(); ++i) {
    children[i].index = std::to_string(first + static_cast<int>(i));
    start(children[i], i, arguments[1], arguments[2], epoll);
  }
  for (;;) {
    epoll_event ready[64];
    const int arrived = ::epoll_wait(epoll, ready, 64, -1);
    for (int i = 0; i < arrived; ++i) {
      if (ready[i].data.u64 == standard_input) end_all(0);
      auto& ended = children[ready[i].data.u64];
      siginfo_t how{};
      ::waitid(P_PIDFD, static_cast<id_t>(ended.pidfd), &how, WEXITED | WNOHANG);
      if (how.si_pid == 0) continue;  // the event was about the life before
      if (how.si_code == CLD_EXITED) end_all(1);
      ::close(ended.pidfd);
      start(ended, ready[i].data.u64, arguments[1], arguments[2], epoll);
    }
  }
}
