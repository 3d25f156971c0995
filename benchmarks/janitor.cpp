#include "benchmarks/janitor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "benchmarks/check.hpp"

namespace nine::benchmarks {
namespace {

/// A signal to the benchmark's group must not reach it, and nobody may wait for the end of an
/// output that it holds.
void stand_apart() {
  ::setsid();
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int each : {0, 1, 2})
    ::dup2(nothing, each);
}

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

[[noreturn]] void clear_up(const std::string& directory, int pipe) {
  stand_apart();
  struct stat mine{};
  struct stat now{};
  ::stat(directory.c_str(), &mine);
  char nothing = 0;
  while (::read(pipe, &nothing, 1) > 0)
    continue;
  constexpr int tries_most = 300;
  for (int tried = 0; tried < tries_most; ++tried) {
    // The next benchmark may have made its own there.
    if (::stat(directory.c_str(), &now) != 0 || !is_same(mine, now)) break;
    std::error_code ignored;  // what still runs there writes until it sees that its home is gone
    std::filesystem::remove_all(directory, ignored);
    if (ignored) ::poll(nullptr, 0, 100);
  }
  ::_exit(0);
}

}  // namespace

janitor::janitor(const std::string& directory) {
  std::array<int, 2> pipe{};
  check(::pipe2(pipe.data(), O_CLOEXEC) == 0, "make a pipe");
  pid_ = ::fork();
  check(pid_ >= 0, "start a process that clears up");
  if (pid_ == 0) {
    ::close(pipe[1]);
    clear_up(directory, pipe[0]);
  }
  ::close(pipe[0]);
  pipe_ = pipe[1];
}

janitor::~janitor() {
  ::close(pipe_);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace nine::benchmarks
