// From the start of a core, in a home without agents, to the READY=1 that its guard waits for.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>

#include "benchmarks/check.hpp"
#include "benchmarks/child_program.hpp"
#include "benchmarks/context.hpp"

namespace nine::benchmarks {
namespace {

int bind_socket(int type, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  check(path.size() < sizeof address.sun_path, "the directory for the benchmarks is too long");
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  check(::bind(socket, where, sizeof address) == 0, "bind " + path);
  if (type == SOCK_STREAM) check(::listen(socket, 16) == 0, "listen on " + path);
  return socket;
}

/// What a core gets from its guard.
class guard_side {
 public:
  explicit guard_side(const std::string& directory)
      : home_(directory + "/start-home"),
        notify_path_("/tmp/nine-bench-ready-" + std::to_string(::getpid())),
        control_(bind_socket(SOCK_STREAM, notify_path_ + "-control")),
        agent_(bind_socket(SOCK_STREAM, notify_path_ + "-agent")),
        notify_(bind_socket(SOCK_DGRAM, notify_path_)),
        log_(::open((directory + "/core.log").c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC,
                    0600)) {}
  ~guard_side() {
    for (const int each : {control_, agent_, notify_, log_})
      ::close(each);
    for (const auto* name : {"", "-control", "-agent"})
      ::unlink((notify_path_ + name).c_str());
  }
  guard_side(const guard_side&) = delete;
  guard_side& operator=(const guard_side&) = delete;

  /// Starts a core and kills it when it is ready; milliseconds it took.
  double start_ms() {
    const auto begin = now_ns();
    const pid_t pid = ::fork();
    if (pid == 0) become_core();
    wait_until_ready();
    const auto end = now_ns();
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return static_cast<double>(end - begin) / 1e6;
  }

 private:
  [[noreturn]] void become_core() const {
    auto core = program("nine");
    std::array<std::string, 7> variables{"NINE_HOME=" + home_,
                                         "PATH=/usr/local/bin:/usr/bin:/bin",
                                         "LISTEN_FDS=2",
                                         "LISTEN_FDNAMES=control:agent",
                                         "HOME=" + home_,
                                         "LISTEN_PID=" + std::to_string(::getpid()),
                                         "NOTIFY_SOCKET=" + notify_path_};
    std::array<char*, variables.size() + 1> environment{};
    for (std::size_t i = 0; i < variables.size(); ++i)
      environment[i] = variables[i].data();
    // First above what they are to become: neither must overwrite the other.
    const int control = ::fcntl(control_, F_DUPFD, 10);
    const int agent = ::fcntl(agent_, F_DUPFD, 10);
    ::dup2(log_, 2);
    ::dup2(control, 3);
    ::dup2(agent, 4);
    ::close(control);
    ::close(agent);
    char role[] = "core";
    char* arguments[] = {core.data(), role, nullptr};
    ::execve(core.c_str(), arguments, environment.data());
    ::_exit(127);
  }

  void wait_until_ready() const {
    std::array<char, 4096> text;
    for (std::string_view said; !said.starts_with("READY=1");) {
      pollfd waiting{notify_, POLLIN, 0};
      check(::poll(&waiting, 1, 30'000) == 1, "the core does not become ready");
      const auto got = ::recv(notify_, text.data(), text.size(), 0);
      said = {text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
    }
  }

  std::string home_;
  std::string notify_path_;
  int control_, agent_, notify_, log_;
};

/// The program loaded, its libraries linked, and nothing done.
double load_ms(const std::string& directory) {
  const auto begin = now_ns();
  child_program running({program("nine"), "--help"}, {"HOME=" + directory},
                        directory + "/help.log");
  check(running.wait() == 0, "nine --help failed");
  return static_cast<double>(now_ns() - begin) / 1e6;
}

}  // namespace

std::vector<measurement> measure_core_start(bench_context& context) {
  guard_side guard(context.directory);
  guard.start_ms();  // makes the home
  measurement row{.what = "start of the core to ready, 0 agents",
                  .unit = "ms",
                  .baseline_name = "nine --help",
                  .aim = "<= 50 ms"};
  for (int i = 0; i < context.options.starts; ++i) {
    row.values.push_back(guard.start_ms());
    row.baseline.push_back(load_ms(context.directory));
  }
  row.met = row.value() <= 50;
  return {row};
}

}  // namespace nine::benchmarks
