#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "benchmarks/fleet.hpp"
#include "benchmarks/measurement.hpp"

namespace nine::benchmarks {

struct bench_options {
  int agents = 1'000;
  int rounds = 5;     ///< of what takes all agents at once
  int starts = 50;    ///< of a core in an empty home
  int steps = 4'000;  ///< by one agent, of each kind
  bool rest = true;   ///< before each round, so that no restart is delayed by policy
};

/// What the parts share: counts, a directory on disk, and the agents, started when first wanted.
class bench_context {
 public:
  bench_context(bench_options wanted, std::string where)
      : options(wanted), directory(std::move(where)) {}

  const bench_options options;
  const std::string directory;
  std::mt19937 chance{20'261'122};

  fleet& agents() {
    if (!fleet_) fleet_ = std::make_unique<fleet>(directory, options.agents);
    return *fleet_;
  }

 private:
  std::unique_ptr<fleet> fleet_;
};

/// The parts. Each checks that what it measures is also right.
std::vector<measurement> measure_core_start(bench_context& context);
std::vector<measurement> measure_restart(bench_context& context);
std::vector<measurement> measure_memory(bench_context& context);
std::vector<measurement> measure_rounds(bench_context& context);
std::vector<measurement> measure_durable_steps(bench_context& context);
std::vector<measurement> measure_agent_steps(bench_context& context);

}  // namespace nine::benchmarks
