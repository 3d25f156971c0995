#include "ninelives/environment/real/real_process_sights.hpp"

#include <algorithm>
#include <string_view>

#include "ninelives/environment/real/system/process_table.hpp"

namespace nine::environment {

result<std::vector<process_sight>> see_processes(const std::vector<std::string>& prefixes) {
  NINE_TRY_ASSIGN(const auto pids, system::list_processes());
  std::vector<process_sight> seen;
  seen.reserve(pids.size());
  for (const auto pid : pids) {
    // The identity is read first: a pid reused in between shows another start time to the pidfd.
    const auto status = system::read_process_status(pid);
    if (!status || status->is_zombie()) continue;
    process_sight sight{.identity = {pid, status->start_time, system::boot_id()},
                        .parent = status->parent,
                        .group = status->group,
                        .session = status->session};
    system::for_each_variable(pid, [&](std::string_view entry) {
      const auto fits = [entry](const auto& prefix) { return entry.starts_with(prefix); };
      if (std::ranges::any_of(prefixes, fits)) sight.marks.emplace_back(entry);
    });
    seen.push_back(std::move(sight));
  }
  return seen;
}

}  // namespace nine::environment
