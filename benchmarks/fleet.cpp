#include "benchmarks/fleet.hpp"

#include <poll.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>

#include "benchmarks/check.hpp"

namespace nine::benchmarks {
namespace {

/// All that differs from the shipped configuration, and why: so many agents at a time, and more
/// rounds of killing them within minutes than the brake for agents in a crash loop lets pass.
std::string configuration_for(int count) {
  return "limits:\n  concurrent_agents: " + std::to_string(count) +
         "\nsupervision:\n  crash_loop:\n    cool_down: 0s\n";
}

std::string socket_path() {
  return "/tmp/nine-bench-" + std::to_string(::getpid()) + ".sock";
}

}  // namespace

fleet::fleet(const std::string& directory, int count)
    : count_(count), stamps_(socket_path()), home_(directory + "/home", configuration_for(count)) {
  home_.up();
  const auto agent = program("nine-bench-agent");
  for (int index = 0; index < count; ++index)
    home_.give({agent, stamps_.path(), std::to_string(first_kept + index)});
  bare_ = std::make_unique<child_program>(
      std::vector<std::string>{program("nine-bench-bare-loop"), agent, stamps_.path(),
                               std::to_string(first_bare), std::to_string(count)},
      std::vector<std::string>{}, directory + "/bare.log");
  stamps_.wait_for(first_kept, count, 1);
  stamps_.wait_for(first_bare, count, 1);
  wait_until_steady();
  look_at_bare();
}

bool fleet::is_whole(const home_view& view) const {
  std::set<int> spoke;
  for (int index = 0; index < count_; ++index)
    spoke.insert(stamps_.pid_of(first_kept + index));
  std::set<int> running;
  for (const auto& [child, pid] : view.agents)
    running.insert(pid);
  return view.shims_connected == count_ && spoke == running;
}

home_view fleet::wait_until_steady() {
  constexpr int looks_most = 1'000;
  for (int look = 0; look < looks_most; ++look) {
    auto view = home_.look();
    if (is_whole(view)) return view;
    ::poll(nullptr, 0, 20);
  }
  check(false, "not all agents are running and known to the core");
  return {};
}

void fleet::look_at_bare() const {
  for (int index = 0; index < count_; ++index) {
    const auto pid = std::to_string(stamps_.pid_of(first_bare + index));
    std::string line;
    check(!!std::getline(std::ifstream("/proc/" + pid + "/stat"), line), "look at an agent");
  }
}

}  // namespace nine::benchmarks
