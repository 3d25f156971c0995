#include "benchmarks/child_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "benchmarks/check.hpp"

namespace nine::benchmarks {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts)
    list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

std::string program(const std::string& name) {
  return std::string(NINE_PROGRAM_DIRECTORY) + "/" + name;
}

child_program::child_program(std::vector<std::string> arguments,
                             std::vector<std::string> environment, const std::string& log) {
  std::array<int, 2> pipe{};
  check(::pipe2(pipe.data(), O_CLOEXEC) == 0, "make a pipe");
  input_ = pipe[1];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[0], 0);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  const auto problem = ::posix_spawn(&pid_, arguments.front().c_str(), &actions, nullptr,
                                     pointers(arguments).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[0]);
  if (problem != 0) ::close(input_);
  check(problem == 0, "start " + arguments.front());
}

child_program::~child_program() {
  ::close(input_);
  if (pid_ <= 0) return;
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd ending{handle, POLLIN, 0};
  const auto wait_ms = static_cast<int>(std::chrono::milliseconds(patience).count());
  if (::poll(&ending, 1, wait_ms) != 1) ::kill(pid_, SIGKILL);
  ::close(handle);
  ::waitpid(pid_, nullptr, 0);
}

int child_program::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace nine::benchmarks
