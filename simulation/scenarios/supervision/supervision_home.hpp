#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ninelives/base/time.hpp"

namespace nine::simulation {

/// What the cores of a home have on record about a child; written by jobs of their workers, so that
/// a core that dies may leave the latest unwritten.
struct child_on_record {
  std::int64_t highest_epoch = 0;
  bool finished = false;
  std::vector<wall_time> crashes;
};

/// What outlives the cores of a supervision scenario.
struct supervision_home {
  std::int64_t core = 0;
  std::map<std::string, child_on_record> children;
  bool stop_wanted = false;

  static constexpr const char* shims = "/home/shims";
};

}  // namespace nine::simulation
