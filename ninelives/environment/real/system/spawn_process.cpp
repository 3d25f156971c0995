#include "ninelives/environment/real/system/spawn_process.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "ninelives/environment/real/system/clone_into.hpp"
#include "ninelives/environment/real/system/descriptor_limit.hpp"
#include "ninelives/environment/real/system/kernel_error.hpp"

// The child runs on the parent's memory until it executes. It uses nothing but system calls made
// directly: no allocation, no lock, no interceptor of a sanitizer that would take the child's
// doings for the parent's.
#define NINE_CHILD_SIDE __attribute__((no_sanitize("address", "thread", "undefined")))

namespace nine::environment::system {
namespace {

enum class stage { session, directory, descriptors, execute };

/// What parent and child share. All of it is made by the parent, in advance.
struct child_plan {
  std::vector<const char*> arguments;
  std::vector<const char*> environment;
  std::vector<std::string> programs;  ///< where to look, in order
  std::vector<int> descriptors;
  const char* directory = nullptr;
  char* listen_pid = nullptr;            ///< where the digits of the child's pid go
  int cgroup_procs = -1;                 ///< to be moved by the child itself, where clone3 cannot
  volatile bool entered_cgroup = false;  ///< it did so
  const rlimit* descriptor_limit = nullptr;
  std::uint64_t signals_to_reset = 0;
  stage failed_at = stage::session;
  volatile int error_number = 0;
  timespec born_at{};  ///< since boot, as the child's first act
};

constexpr std::size_t pid_digits = 10;
constexpr int signals = 64;
constexpr std::size_t kernel_signal_set_bytes = 8;
constexpr std::size_t child_stack_bytes = 32 * 1024;

NINE_CHILD_SIDE void reset_signals(std::uint64_t which) {
  // The kernel's own structure; all zeros is: default action, no flags, nothing masked.
  struct {
    unsigned long handler, flags, restorer, mask;
  } constexpr static standard{0, 0, 0, 0};
  for (int number = 1; number <= signals; ++number, which >>= 1) {
    if ((which & 1) == 0) continue;
    ::syscall(SYS_rt_sigaction, number, &standard, nullptr, kernel_signal_set_bytes);
  }
  constexpr static std::uint64_t none = 0;
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kernel_signal_set_bytes);
}

NINE_CHILD_SIDE void write_pid(char* digits) {
  auto pid = static_cast<unsigned>(::syscall(SYS_getpid));
  for (std::size_t i = pid_digits; i-- > 0; pid /= 10)
    digits[i] = static_cast<char>('0' + pid % 10);
}

NINE_CHILD_SIDE bool arrange_descriptors(int* descriptors, int count) {
  // First out of the way of the targets, then each to its place.
  for (int i = 0; i < count; ++i) {
    if (descriptors[i] >= count) continue;
    descriptors[i] = static_cast<int>(::syscall(SYS_fcntl, descriptors[i], F_DUPFD_CLOEXEC, count));
    if (descriptors[i] < 0) return false;
  }
  for (int i = 0; i < count; ++i) {
    if (::syscall(SYS_dup3, descriptors[i], i, 0) < 0) return false;
  }
  if (::syscall(SYS_close_range, count, ~0U, 0) == 0) return true;
  for (int other = count; other < 65536; ++other)
    ::syscall(SYS_close, other);  // before Linux 5.9
  return true;
}

/// Only ENOENT, ENOTDIR and EACCES let the search go on, as in execvp(3); the last EACCES is what
/// the user should hear of.
NINE_CHILD_SIDE int execute(const child_plan& plan) {
  int heard = ENOENT;
  for (const auto& program : plan.programs) {
    ::syscall(SYS_execve, program.c_str(), plan.arguments.data(), plan.environment.data());
    const int number = errno;
    if (number == EACCES) heard = EACCES;
    if (number != ENOENT && number != ENOTDIR && number != EACCES) return number;
  }
  return heard;
}

NINE_CHILD_SIDE int fail_at(child_plan& plan, stage where, int number) {
  plan.failed_at = where;
  plan.error_number = number;
  return 127;
}

NINE_CHILD_SIDE int run_child(void* argument) {
  auto& plan = *static_cast<child_plan*>(argument);
  ::syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &plan.born_at);
  if (plan.cgroup_procs >= 0) {
    plan.entered_cgroup = ::syscall(SYS_write, plan.cgroup_procs, "0", 1) == 1;
  }
  if (::syscall(SYS_setsid) < 0) return fail_at(plan, stage::session, errno);
  reset_signals(plan.signals_to_reset);
  if (plan.directory != nullptr && ::syscall(SYS_chdir, plan.directory) != 0) {
    return fail_at(plan, stage::directory, errno);
  }
  const auto count = static_cast<int>(plan.descriptors.size());
  if (!arrange_descriptors(plan.descriptors.data(), count)) {
    return fail_at(plan, stage::descriptors, errno);
  }
  if (plan.descriptor_limit != nullptr) {
    ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, plan.descriptor_limit, nullptr);
  }
  if (plan.listen_pid != nullptr) write_pid(plan.listen_pid);
  return fail_at(plan, stage::execute, execute(plan));
}

// --- the parent's side ---

std::string_view value_of(const std::vector<const char*>& environment, std::string_view name) {
  for (const std::string_view entry : environment) {
    const bool named = entry.size() > name.size() && entry.starts_with(name);
    if (named && entry[name.size()] == '=') return entry.substr(name.size() + 1);
  }
  return {};
}

std::vector<std::string> places_of(const spawn_specification& what) {
  const std::string name = what.arguments[0];
  if (!what.search_path || name.find('/') != std::string::npos) return {name};
  auto path = value_of(what.environment, "PATH");
  if (path.empty()) path = "/usr/local/bin:/usr/bin:/bin";
  std::vector<std::string> places;
  while (!path.empty()) {
    const auto end = path.find(':');
    const auto directory = path.substr(0, end);
    places.push_back((directory.empty() ? "." : std::string(directory)) + "/" + name);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
  return places;
}

/// The three variables of sd_listen_fds(3), kept alive for the child.
struct listen_variables {
  std::string count, names, pid;
};

void announce_listeners(const spawn_specification& what, listen_variables& variables,
                        child_plan& plan) {
  if (what.listen_names.empty()) return;
  variables.count = "LISTEN_FDS=" + std::to_string(what.listen_names.size());
  variables.names = "LISTEN_FDNAMES=";
  for (const auto& name : what.listen_names) {
    if (variables.names.back() != '=') variables.names += ':';
    variables.names += name;
  }
  variables.pid = "LISTEN_PID=" + std::string(pid_digits, '0');
  plan.listen_pid = variables.pid.data() + variables.pid.size() - pid_digits;
  for (const auto* variable : {&variables.count, &variables.names, &variables.pid}) {
    plan.environment.push_back(variable->c_str());
  }
}

/// Blocks every signal while it lives: no handler of the parent may run in the child.
class signals_blocked {
 public:
  signals_blocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  sigset_t before_;
};

/// clone3 refused for a reason that another way may not have: an old kernel, a filter of a
/// container, a cgroup that takes no processes.
bool worth_another_way(int number) {
  return number != EAGAIN && number != ENOMEM;
}

std::uint64_t ticks(const timespec& time) {
  static const auto ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
  return static_cast<std::uint64_t>(time.tv_sec) * ticks_per_second +
         static_cast<std::uint64_t>(time.tv_nsec) / (nanoseconds_per_second / ticks_per_second);
}

/// The kernel looks at the same clock between the two, and cuts it off in the same way.
std::optional<std::uint64_t> start_time_between(const timespec& before, const timespec& after) {
  const auto time = ticks(before);
  return time == ticks(after) ? std::optional(time) : std::nullopt;
}

std::expected<spawned_process, int> clone_child(const spawn_specification& what, child_plan& plan) {
  alignas(16) std::array<char, child_stack_bytes> stack;
  const clone_request request{run_child,    &plan,           stack.data(),
                              stack.size(), what.want_pidfd, what.as_sibling};
  const signals_blocked guard;
  timespec before{};
  ::clock_gettime(CLOCK_BOOTTIME, &before);
  auto born = clone_by_clone3(request, what.cgroup);
  if (born.pid < 0 && worth_another_way(born.error_number)) {
    descriptor procs;
    if (what.cgroup >= 0) {
      procs.reset(::openat(what.cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC));
      plan.cgroup_procs = procs.get();
    }
    born = clone_by_clone(request);
    born.in_cgroup = plan.entered_cgroup;
  }
  if (born.pid < 0) return std::unexpected(born.error_number);
  return spawned_process{born.pid, descriptor(born.pidfd), born.in_cgroup,
                         start_time_between(before, plan.born_at)};
}

spawn_failure explain(const spawn_specification& what, const child_plan& plan, int number) {
  const std::string program = what.arguments[0];
  std::string doing = "start " + program;
  if (plan.failed_at == stage::directory)
    doing += ": enter directory " + std::string(what.directory);
  if (plan.failed_at == stage::descriptors) doing += ": arrange descriptors";
  std::string text = text_of(number);
  if (plan.failed_at == stage::execute && number == ENOEXEC) {
    text += " (neither a binary nor a script that begins with #!)";
  }
  const bool searched = plan.failed_at == stage::execute && plan.programs.size() > 1;
  if (searched && number == ENOENT) text = "not found in PATH";
  return {number, doing + ": " + text};
}

}  // namespace

std::uint64_t ignored_signals() {
  std::uint64_t ignored = 0;
  for (int number = signals; number > 0; --number) {
    struct sigaction present{};
    const bool known = ::sigaction(number, nullptr, &present) == 0;
    ignored = ignored << 1 | (known && present.sa_handler == SIG_IGN ? 1 : 0);
  }
  return ignored;
}

std::expected<spawned_process, spawn_failure> spawn_process(const spawn_specification& what) {
  child_plan plan;
  listen_variables variables;
  plan.arguments = what.arguments;
  plan.arguments.push_back(nullptr);
  plan.environment = what.environment;
  announce_listeners(what, variables, plan);
  plan.environment.push_back(nullptr);
  plan.programs = places_of(what);
  plan.descriptors = what.descriptors;
  plan.directory = what.directory;
  plan.signals_to_reset = what.signals_to_reset;
  const auto& limit = descriptor_limit_of_children();
  if (limit) plan.descriptor_limit = &*limit;

  auto born = clone_child(what, plan);
  if (!born) return std::unexpected(explain(what, plan, born.error()));
  if (const int number = plan.error_number; number != 0) {
    discard_failed_child(born->pid, what.as_sibling);
    return std::unexpected(explain(what, plan, number));
  }
  return std::move(*born);
}

}  // namespace nine::environment::system
