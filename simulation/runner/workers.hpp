#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "simulation/scenarios/scenario.hpp"

namespace nine::simulation {

struct seed_range {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
};

/// A seed that did not pass.
struct failed_run {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string why;
};

struct sweep_report {
  std::uint64_t passed = 0;
  std::uint64_t steps = 0;
  std::vector<failed_run> failures;  ///< sorted by scenario and seed
};

/// A run takes a second or two; one that comes to no end within a step is not left to itself.
constexpr std::chrono::seconds run_longest{180};

/// Plays every seed of every scenario twice, in `jobs` processes, so that a seed that brings its
/// process down, or comes to no end, is one failure and not the end.
sweep_report play_all(const std::vector<scenario>& stories, seed_range seeds, unsigned jobs,
                      std::chrono::seconds longest = run_longest);

}  // namespace nine::simulation
