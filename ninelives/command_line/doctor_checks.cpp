#include "ninelives/command_line/doctor_checks.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "ninelives/base/json_text.hpp"

namespace nine::command_line {
namespace {

using severity = finding::severity;
using control_groups = environment::machine_facts::control_groups;

finding good(std::string what) {
  return {severity::good, std::move(what)};
}
finding warning(std::string what, std::string mend) {
  return {severity::warning, std::move(what), std::move(mend)};
}
finding wrong(std::string what, std::string mend) {
  return {severity::wrong, std::move(what), std::move(mend)};
}

finding check_groups(control_groups groups) {
  constexpr auto consequence =
      "agents are ended process by process, and limits of memory do not hold";
  if (groups == control_groups::usable) return good("control groups (cgroup v2) can be made");
  if (groups == control_groups::without_memory) {
    return good(
        "control groups (cgroup v2) can be made; limits of memory do not hold, because the memory "
        "controller is not given to them");
  }
  if (groups == control_groups::none) {
    return warning(fmt::format("there is no cgroup v2: {}", consequence),
                   "mount it (systemd.unified_cgroup_hierarchy=1 on the kernel's command line)");
  }
  return warning(fmt::format("no control group can be made here: {}", consequence),
                 "run the guard as a service with Delegate=yes (deploy/systemd has the units), or "
                 "give the container a writable cgroup v2");
}

finding check_descriptors(std::uint64_t most) {
  constexpr std::uint64_t least = 256;
  constexpr std::uint64_t comfortable = 1024;
  const auto what = fmt::format("a process may have {} files open", most);
  if (most >= comfortable) return good(what);
  const auto mend = "raise the limit: 'ulimit -n 65536', or LimitNOFILE= of the service";
  return most < least ? wrong(what, mend) : warning(what, mend);
}

finding check_disk(bytes free, std::uint64_t files) {
  constexpr bytes least = 64 * MiB;
  constexpr bytes comfortable = 1 * GiB;
  constexpr std::uint64_t files_least = 1000;
  const auto mend =
      "free some space, or move the home to a larger disk (NINE_HOME); a full disk stops the "
      "journal until there is space again";
  if (files < files_least) {
    return wrong(fmt::format("the disk of the home takes only {} more files", files), mend);
  }
  const auto what = fmt::format("the disk of the home has {} MiB free", free / MiB);
  if (free < least) return wrong(what, mend);
  return free < comfortable ? warning(what, mend) : good(what);
}

finding check_clock(const environment::machine_facts& machine) {
  constexpr auto earliest = wall_time_from_milliseconds(1'735'689'600'000);  // 2025
  if (machine.now < earliest) {
    return wrong("the clock stands before 2025: certificates are refused and ages are wrong",
                 "set it, by 'timedatectl set-ntp true' for example");
  }
  if (machine.clock_synchronized) return good("the clock is synchronized");
  return warning("the kernel does not know the clock to be synchronized",
                 "run a time service (systemd-timesyncd, chrony); if one runs, ignore this");
}

finding check_journal(const boost::json::object& journal) {
  const auto health = text_in(journal, "health");
  if (health == "working") return good("the core answers and its journal works");
  if (health == "closed") {
    return wrong("the journal is closed for good: " + text_in(journal, "last_error"),
                 "a newer core has taken over; this one ends by itself");
  }
  return wrong("the journal has failed: " + text_in(journal, "last_error"),
               "remove the cause (a full disk, mostly); the journal goes on by itself, and nothing "
               "acknowledged is lost");
}

}  // namespace

findings check_machine(const environment::machine_facts& machine) {
  findings found;
  if (machine.pidfd) {
    found.push_back(good(fmt::format("the kernel {} has pidfd", machine.kernel)));
  } else {
    found.push_back(wrong(fmt::format("the kernel {} has no pidfd, or forbids it", machine.kernel),
                          "run Linux 5.10 or newer; in a container, let its seccomp profile allow "
                          "pidfd_open and pidfd_send_signal"));
  }
  found.push_back(check_groups(machine.groups));
  found.push_back(check_descriptors(machine.descriptors_most));
  found.push_back(check_disk(machine.disk_free, machine.files_free));
  found.push_back(check_clock(machine));
  return found;
}

findings check_clock_against(wall_time journal_written, wall_time now) {
  constexpr duration tolerated = 1min;
  if (journal_written <= now + tolerated) return {};
  const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(journal_written - now);
  return {warning(
      fmt::format("the clock went back: the journal was written {} s from now", ahead.count()),
      "set the clock right; until then ages and deadlines are wrong")};
}

finding check_shim_program(const std::filesystem::path& program,
                           const result<environment::file_information>& found) {
  if (found && !found->is_directory) return good("the program nine-shim is there");
  return wrong(fmt::format("the program nine-shim is missing ({}): no agent can be started",
                           found ? program.string() + " is a directory" : found.error().message),
               "install it again, or build it: it belongs beside nine, or into ../lib/ninelives");
}

finding check_missing_home(const std::filesystem::path& root, const result<void>& written) {
  if (written)
    return good(root.string() + " is not there yet; the first command that needs it makes it");
  return wrong(
      fmt::format("{} is not there and cannot be made: {}", root.string(), written.error().message),
      "set NINE_HOME to a place that can be written, or let somebody make that directory "
      "yours");
}

finding check_directory(const std::filesystem::path& directory,
                        const result<environment::file_information>& found) {
  const auto name = directory.string();
  if (!found) return wrong(found.error().message, "make it yours: owner you, mode 0700");
  if (!found->is_directory)
    return wrong(name + " is no directory", "remove it, or set NINE_HOME to another place");
  if (!found->is_private) {
    return wrong(name + " is open to others, who could read results or answer in your name",
                 fmt::format("'chmod 700 {}', and look whose it is: 'ls -ld {}'", name, name));
  }
  return good(name + " is yours alone");
}

findings check_leftovers(const std::filesystem::path& directory,
                         const std::vector<std::string>& names) {
  std::size_t count = 0;
  for (const auto& name : names)
    count += name.starts_with(".nine-") && name.ends_with(".tmp") ? 1 : 0;
  if (count == 0) return {};
  return {warning(
      fmt::format("{} files in {} were begun by processes that died", count, directory.string()),
      fmt::format("they do no harm; when the home is stopped: 'rm {}/.nine-*.tmp'",
                  directory.string()))};
}

finding check_role(const role_sight& sight) {
  const auto& [role, holder, seen] = sight;
  if (!holder && holder.error().code == error_code::not_found)
    return wrong(fmt::format("the {} does not run", role), "'nine up' starts it");
  if (!holder) {
    return warning(fmt::format("the {} is just starting", role),
                   "if this stays so: 'nine down', then 'nine up'");
  }
  const auto pid = holder->pid;
  if (seen.stopped) {
    return wrong(
        fmt::format("the {} is stopped (pid {}, by SIGSTOP or a debugger)", role, pid),
        fmt::format("'kill -CONT {}' lets it go on; 'kill -KILL {}' has it replaced, agents "
                    "go on undisturbed",
                    pid, pid));
  }
  return good(fmt::format("the {} runs (pid {})", role, pid));
}

finding check_configuration(const std::filesystem::path& file, const result<void>& read) {
  if (read) return good("the configuration for " + file.string() + " is right");
  return wrong("the configuration is refused: " + read.error().message,
               "correct that place; docs/configuration.md has every key");
}

findings check_status(const boost::json::object& status) {
  findings found;
  if (const auto* journal = status.if_contains("journal"); journal && journal->is_object())
    found.push_back(check_journal(journal->get_object()));
  const auto* configuration = status.if_contains("configuration");
  if (!configuration || !configuration->is_object()) return found;
  const auto& read = configuration->get_object();
  const auto at_start = text_in(read, "refused_at_start");
  if (!at_start.empty() && text_in(read, "refused_now").empty()) {
    found.push_back(warning(
        "the core still runs with the built-in configuration: nine.yaml was refused when it "
        "started",
        "it is right now: end the core ('kill PID', see 'nine ps'), the guard starts another, and "
        "agents go on undisturbed"));
  }
  return found;
}

finding check_silence(const error& silence) {
  return wrong("the core does not answer: " + silence.message,
               "if this stays so: 'nine logs' tells what guard and core did; 'nine down' and 'nine "
               "up' start afresh");
}

findings check_causes(const result<void>& journal, const std::string& last_error) {
  findings found;
  if (!last_error.empty())
    found.push_back(wrong("the core's last error: " + last_error, "remove that cause first"));
  if (journal || journal.error().code == error_code::not_found) return found;
  const auto code = journal.error().code;
  auto mend =
      "restore journal.db from a backup; or let 'nine up --fresh-journal' begin an empty one, "
      "without the tasks of the old";
  if (code == error_code::unavailable)
    mend = "another program has the journal locked: end it ('fuser journal.db' names it)";
  if (code == error_code::precondition_failed)
    mend = "use the newer Ninelives that wrote it; this one will not touch it";
  found.push_back(wrong("the journal: " + journal.error().message, mend));
  return found;
}

}  // namespace nine::command_line
