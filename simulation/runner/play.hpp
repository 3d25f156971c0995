#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/scenarios/scenario.hpp"

namespace nine::simulation {

struct run_report {
  std::string failure;  ///< empty: passed
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t events = 0;
};

/// Plays a scenario under a seed once; `listener` may be empty.
run_report play_once(const scenario& story, std::uint64_t seed, trace::listener listener = {},
                     bool decisions = false);

/// Twice: a run that passes but leaves another trace the second time has failed.
run_report play_twice(const scenario& story, std::uint64_t seed);

/// Where two runs of the seed first differ, for people.
std::string first_difference(const scenario& story, std::uint64_t seed);

}  // namespace nine::simulation
