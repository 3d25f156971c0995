#include "ninelives/supervision/remains.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <utility>
#include <vector>

namespace nine::supervision {

namespace asio = boost::asio;
using environment::process_identity;

namespace {

/// A process that is just in execve shows no environment for an instant.
constexpr int empty_looks_needed = 2;
constexpr duration pause_first = 2ms;
constexpr duration pause_most = 500ms;
constexpr bytes process_list_bytes_most = 1 * MiB;

void add_cgroup_members(environment::bundle& environment, const std::string& cgroup,
                        std::vector<process_identity>& found) {
  if (cgroup.empty()) return;
  const auto list = environment.files.read(std::filesystem::path(cgroup) / "cgroup.procs",
                                           process_list_bytes_most);
  if (!list) return;  // the cgroup is gone, and so are its members
  const char* end = list->data() + list->size();
  for (const char* place = list->data(); place < end;) {
    std::int32_t pid = 0;
    const auto parsed = std::from_chars(place, end, pid);
    if (parsed.ec == std::errc{} && pid > 0)
      if (const auto member = environment.processes.identify(pid)) found.push_back(*member);
    const char* line_end = std::find(parsed.ptr, end, '\n');
    place = line_end == end ? end : line_end + 1;
  }
}

/// Of the cgroup each look asks anew, since what left the agent's session may still be in it.
asio::awaitable<result<std::vector<process_identity>>> find_remains(
    std::shared_ptr<shim_surroundings> surroundings, const remains& left) {
  const auto picture = co_await surroundings->survey->look();
  if (!*picture) co_return std::unexpected(picture->error());
  const auto self = surroundings->environment.processes.self();
  auto found = (*picture)->family(left.directory.agent_marker(), left.agent, self);
  if (left.cgroup.empty()) co_return found;
  auto look = [surroundings, cgroup = left.cgroup] {
    std::vector<process_identity> members;
    add_cgroup_members(surroundings->environment, cgroup, members);
    return members;
  };
  const auto members = co_await environment::run_on(surroundings->worker, std::move(look));
  found.insert(found.end(), members.begin(), members.end());
  co_return found;
}

}  // namespace

asio::awaitable<result<void>> end_remains(std::shared_ptr<shim_surroundings> surroundings,
                                          remains left) {
  auto& environment = surroundings->environment;
  const auto give_up = surroundings->now() + remains_end_within;
  int empty_looks = 0;
  for (auto pause = pause_first;; pause = std::min(pause * 2, pause_most)) {
    auto finding = find_remains(surroundings, left);
    const auto found = co_await std::move(finding);
    empty_looks = found && found->empty() ? empty_looks + 1 : 0;
    if (empty_looks == empty_looks_needed) co_return result<void>{};
    if (surroundings->now() >= give_up) {
      const auto problem = found ? fmt::format("{} processes of {} do not end", found->size(),
                                               left.directory.path().string())
                                 : found.error().message;
      co_return fail(error_code::timed_out, problem);
    }
    // Asked after the look: what was found then was not started by a core that is newer than us.
    if (surroundings->fence.is_fenced()) co_return surroundings->fence.check();
    if (found)
      for (const auto& process : *found)
        std::ignore = environment.processes.signal(process, SIGKILL);
    co_await environment.clock.sleep_for(pause);
  }
}

}  // namespace nine::supervision
