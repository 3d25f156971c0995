#include "ninelives/environment/real/system/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "ninelives/environment/real/system/kernel_error.hpp"
#include "ninelives/environment/real/system/small_file.hpp"

namespace nine::environment::system {
namespace {

std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

std::string_view next_word(std::string_view& rest) {
  const auto end = rest.find(' ');
  const auto word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

/// Makes the group, or one with a number behind its name while earlier holders are still dying.
/// Never uses one that exists: Linux (6.18, for one) kills what is cloned into a group that
/// cgroup.kill was ever written to.
result<std::string> make_fresh(const std::string& path) {
  constexpr int names_most = 16;
  for (int number = 0; number < names_most; ++number) {
    const auto name = number == 0 ? path : path + "-" + std::to_string(number);
    if (::mkdir(name.c_str(), 0755) == 0) return name;
    if (errno != EEXIST) return kernel_failure(errno, "make cgroup " + name);
    (void)write_to(name + "/cgroup.kill", "1");
    if (::rmdir(name.c_str()) == 0 && ::mkdir(name.c_str(), 0755) == 0) return name;
  }
  return fail(error_code::already_exists, "cgroup " + path + " is in use");
}

}  // namespace

std::optional<std::string> find_cgroup_mount(std::string_view mounts) {
  while (!mounts.empty()) {
    auto line = next_line(mounts);
    next_word(line);  // the device
    const auto directory = next_word(line);
    if (next_word(line) == "cgroup2") return std::string(directory);
  }
  return std::nullopt;
}

std::optional<std::string> find_own_cgroup(std::string_view memberships) {
  while (!memberships.empty()) {
    const auto line = next_line(memberships);
    if (line.starts_with("0::/")) return std::string(line.substr(3));
  }
  return std::nullopt;
}

result<cgroup> cgroup::create_below_own(const std::string& name) {
  NINE_TRY_ASSIGN(const auto mounts, read_file("/proc/self/mounts", MiB));
  NINE_TRY_ASSIGN(const auto memberships, read_file("/proc/self/cgroup", 64 * KiB));
  const auto mount = find_cgroup_mount(mounts);
  const auto own = find_own_cgroup(memberships);
  if (!mount || !own) return fail(error_code::not_found, "no cgroup version 2 here");
  const auto path = *mount + (*own == "/" ? "" : *own) + "/" + name;
  NINE_TRY_ASSIGN(const auto made, make_fresh(path));
  descriptor directory(::open(made.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return kernel_failure(errno, "open cgroup " + made);
  return cgroup(made, std::move(directory));
}

cgroup::~cgroup() {
  if (directory_) ::rmdir(path_.c_str());  // refused while something is in it: then it stays
}

result<void> cgroup::kill_all() const {
  return write_to(path_ + "/cgroup.kill", "1");
}

result<bool> cgroup::populated() const {
  NINE_TRY_ASSIGN(const auto events, read_file(path_ + "/cgroup.events", KiB));
  return events.find("populated 1") != std::string::npos;
}

result<void> cgroup::limit_memory(bytes most) const {
  NINE_TRY(write_to(path_ + "/memory.max", most == 0 ? "max" : std::to_string(most)));
  return write_to(path_ + "/memory.oom.group", "1");
}

}  // namespace nine::environment::system
