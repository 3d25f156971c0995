// What a restart costs at least: vfork, a pidfd, epoll, and nothing else. No state, no output, no
// process tree, no takeover.
//
//   nine-bench-bare-loop AGENT SOCKET FIRST_INDEX COUNT
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct child {
  std::string index;
  int pidfd = -1;
};

char** const no_environment = new char* {nullptr};

void start(child& one, std::size_t place, char* agent, char* socket, int epoll) {
  char* arguments[] = {agent, socket, one.index.data(), nullptr};
  const pid_t pid = ::vfork();
  if (pid == 0) {
    ::execve(agent, arguments, no_environment);
    ::_exit(127);
  }
  one.pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.u64 = place;
  if (pid < 0 || one.pidfd < 0 || ::epoll_ctl(epoll, EPOLL_CTL_ADD, one.pidfd, &wanted) != 0) {
    std::perror("start an agent");
    std::exit(1);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) return 2;
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  const int first = std::atoi(arguments[3]);
  std::vector<child> children(static_cast<std::size_t>(std::atoi(arguments[4])));
  for (std::size_t i = 0; i < children.size(); ++i) {
    children[i].index = std::to_string(first + static_cast<int>(i));
    start(children[i], i, arguments[1], arguments[2], epoll);
  }
  for (;;) {
    epoll_event ready[64];
    const int arrived = ::epoll_wait(epoll, ready, 64, -1);
    for (int i = 0; i < arrived; ++i) {
      auto& ended = children[ready[i].data.u64];
      siginfo_t how{};
      ::waitid(P_PIDFD, static_cast<id_t>(ended.pidfd), &how, WEXITED | WNOHANG);
      if (how.si_pid == 0) continue;  // the event was about the life before
      ::close(ended.pidfd);
      start(ended, ready[i].data.u64, arguments[1], arguments[2], epoll);
    }
  }
}
