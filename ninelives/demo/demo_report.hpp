#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ninelives/command_line/terminal.hpp"
#include "ninelives/demo/git_history.hpp"

namespace nine::demo {

struct task_record {
  std::string id;
  commit about;
  int kills = 0;  ///< of its agents and shims
  boost::json::object end;

  bool ended() const { return !end.empty(); }
};

using kill_counts = std::map<std::string, int, std::less<>>;  ///< by role

/// What a demo has shown.
struct demo_outcome {
  const std::vector<task_record>& tasks;  ///< all of them have ended
  const kill_counts& kills;
  const std::vector<std::string>& problems;  ///< what did not hold
  std::uint64_t seed = 0;
};

/// A table of the tasks and the verdict, or one JSON object.
void print_outcome(command_line::terminal& terminal, const demo_outcome& outcome);

}  // namespace nine::demo
