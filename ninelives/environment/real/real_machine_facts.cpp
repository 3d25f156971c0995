#include "ninelives/environment/real/real_machine_facts.hpp"

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <limits>
#include <string>

#include "ninelives/environment/real/system/cgroup.hpp"
#include "ninelives/environment/real/system/pidfd.hpp"
#include "ninelives/environment/real/system/process_table.hpp"

namespace nine::environment {
namespace {

using control_groups = machine_facts::control_groups;

bool pidfd_works() {
  const auto self = system::identify_self();
  if (!self) return true;  // that says nothing about pidfd
  const auto opened = system::pidfd::open(*self);
  return opened && opened->send_signal(0);
}

control_groups look_at_groups() {
  const auto made = system::cgroup::create_below_own("nine-doctor-" + std::to_string(::getpid()));
  if (made)
    return made->limit_memory(GiB) ? control_groups::usable : control_groups::without_memory;
  return made.error().code == error_code::not_found ? control_groups::none
                                                    : control_groups::refused;
}

/// A home that is not there yet will be made on the disk of the directory above.
void look_at_disk(std::filesystem::path place, machine_facts& facts) {
  struct statvfs disk{};
  while (::statvfs(place.c_str(), &disk) != 0) {
    if (!place.has_relative_path()) return;
    place = place.parent_path();
  }
  facts.disk_free = static_cast<bytes>(disk.f_bavail) * disk.f_frsize;
  // Some file systems make room for files as they come and say 0 of 0.
  if (disk.f_files > 0) facts.files_free = disk.f_favail;
}

}  // namespace

machine_facts look_at_machine(const std::filesystem::path& place, wall_time now) {
  machine_facts facts;
  facts.now = now;
  facts.disk_free = std::numeric_limits<bytes>::max();
  facts.files_free = std::numeric_limits<std::uint64_t>::max();
  look_at_disk(place, facts);
  utsname name{};
  if (::uname(&name) == 0) facts.kernel = name.release;
  facts.pidfd = pidfd_works();
  facts.groups = look_at_groups();
  rlimit descriptors{};
  const bool limited = ::getrlimit(RLIMIT_NOFILE, &descriptors) == 0;
  facts.descriptors_most =
      limited ? descriptors.rlim_cur : std::numeric_limits<std::uint64_t>::max();
  timex clock{};
  facts.clock_synchronized = ::adjtimex(&clock) != TIME_ERROR;
  return facts;
}

}  // namespace nine::environment
