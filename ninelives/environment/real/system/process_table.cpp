#include "ninelives/environment/real/system/process_table.hpp"

#include <dirent.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

#include "ninelives/base/units.hpp"
#include "ninelives/environment/real/system/kernel_error.hpp"
#include "ninelives/environment/real/system/small_file.hpp"

namespace nine::environment::system {
namespace {

constexpr bytes environment_bytes_most = 8 * MiB;
constexpr bytes status_bytes_most = 4 * KiB;

std::string path_of(pid_t pid, std::string_view name) {
  return "/proc/" + std::to_string(pid) + "/" + std::string(name);
}

/// Splits off the text up to the next blank.
std::string_view next_field(std::string_view& rest) {
  const auto end = rest.find(' ');
  const auto field = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return field;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc();
}

}  // namespace

result<process_status> parse_process_status(std::string_view text) {
  // The name in parentheses may hold anything, blanks and parentheses too: the last one ends it.
  const auto open = text.find(" (");
  const auto close = text.rfind(") ");
  process_status status;
  bool good = open != std::string_view::npos && close != std::string_view::npos &&
              read_number(text.substr(0, open), status.pid);
  auto rest = good ? text.substr(close + 2) : std::string_view();
  constexpr std::size_t first = 3;  // the fields are counted as in proc(5)
  constexpr std::size_t last = 22;
  for (std::size_t field = first; good && field <= last; ++field) {
    const auto value = next_field(rest);
    switch (field) {
      case 3:
        good = value.size() == 1;
        status.state = good ? value[0] : '?';
        break;
      case 4:
        good = read_number(value, status.parent);
        break;
      case 5:
        good = read_number(value, status.group);
        break;
      case 6:
        good = read_number(value, status.session);
        break;
      case 20:
        good = read_number(value, status.threads);
        break;
      case last:
        good = read_number(value, status.start_time);
        break;
      default:
        break;
    }
  }
  if (!good) return fail(error_code::corrupted, "cannot read the status of a process");
  return status;
}

result<process_status> read_process_status(pid_t pid) {
  NINE_TRY_ASSIGN(const auto text, read_file(path_of(pid, "stat"), status_bytes_most));
  return parse_process_status(text);
}

const std::string& boot_id() {
  static const std::string id = [] {
    auto text = read_file("/proc/sys/kernel/random/boot_id", 64).value_or("");
    while (!text.empty() && text.back() == '\n')
      text.pop_back();
    return text;
  }();
  return id;
}

result<process_identity> identify(pid_t pid) {
  NINE_TRY_ASSIGN(const auto status, read_process_status(pid));
  return process_identity{pid, status.start_time, boot_id()};
}

result<process_identity> identify_self() {
  return identify(::getpid());
}

liveness probe(const process_identity& process) {
  if (!process) return liveness::unknown;
  if (process.boot_id != boot_id()) return boot_id().empty() ? liveness::unknown : liveness::gone;
  const auto status = read_process_status(process.pid);
  if (!status) {
    return status.error().code == error_code::not_found ? liveness::gone : liveness::unknown;
  }
  const bool same = status->start_time == process.start_time;
  return same && !status->is_zombie() ? liveness::alive : liveness::gone;
}

result<std::vector<pid_t>> list_processes() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc"), ::closedir);
  if (!directory) return kernel_failure(errno, "open /proc");
  std::vector<pid_t> pids;
  while (const auto* entry = ::readdir(directory.get())) {
    pid_t pid = 0;
    if (read_number(std::string_view(entry->d_name), pid) && pid > 0) pids.push_back(pid);
  }
  return pids;
}

void for_each_variable(pid_t pid, const std::function<void(std::string_view entry)>& what) {
  const auto text = read_file(path_of(pid, "environ"), environment_bytes_most);
  if (!text) return;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto end = rest.find('\0');
    what(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
}

result<std::vector<process_identity>> find_marked(std::string_view marker) {
  NINE_TRY_ASSIGN(const auto pids, list_processes());
  std::vector<process_identity> found;
  for (const auto pid : pids) {
    // The identity is read first: a pid reused in between shows another start time to the pidfd.
    const auto status = read_process_status(pid);
    if (!status || status->is_zombie()) continue;
    bool carries = false;
    for_each_variable(pid, [&](std::string_view entry) { carries = carries || entry == marker; });
    if (!carries) continue;
    found.push_back({pid, status->start_time, boot_id()});
  }
  return found;
}

result<std::vector<process_identity>> descendants_of(pid_t ancestor) {
  NINE_TRY_ASSIGN(const auto pids, list_processes());
  std::vector<process_status> all;
  for (const auto pid : pids) {
    const auto status = read_process_status(pid);
    if (status) all.push_back(*status);
  }
  std::vector<process_status> family(1);
  family[0].pid = ancestor;
  for (std::size_t i = 0; i < family.size(); ++i) {
    const auto parent = family[i].pid;
    for (const auto& status : all) {
      if (status.parent == parent) family.push_back(status);
    }
  }
  std::vector<process_identity> living;
  for (std::size_t i = 1; i < family.size(); ++i) {
    if (!family[i].is_zombie()) living.push_back({family[i].pid, family[i].start_time, boot_id()});
  }
  return living;
}

}  // namespace nine::environment::system
