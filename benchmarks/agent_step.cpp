// A durable step as an agent has it: two requests over its socket to a core at work. No aim is set
// for it; the journal's own share is measured by durable_step.
#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "benchmarks/bare_disk.hpp"
#include "benchmarks/bench_home.hpp"
#include "benchmarks/check.hpp"
#include "benchmarks/context.hpp"

namespace nine::benchmarks {
namespace {

constexpr int many_agents = 64;

/// What one agent said of its steps.
struct steps_done {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  samples took_us;
};

steps_done parse(const std::string& text, int steps) {
  steps_done done;
  std::istringstream words(text);
  words >> done.begin_ns >> done.end_ns;
  for (double took = 0; words >> took;)
    done.took_us.push_back(took);
  check(done.took_us.size() == static_cast<std::size_t>(steps), "an agent's steps: " + text);
  return done;
}

/// So many agents, each so many steps.
std::vector<steps_done> run(bench_home& home, int agents, int steps) {
  std::vector<std::string> tasks;
  for (int agent = 0; agent < agents; ++agent)
    tasks.push_back(home.give({program("nine-bench-stepper"), std::to_string(steps)}));
  std::vector<steps_done> all;
  for (const auto& task : tasks)
    all.push_back(parse(home.result_of(task), steps));
  return all;
}

/// From the first step of any to the last of any.
double steps_per_second(const std::vector<steps_done>& all) {
  const auto begin = std::ranges::min(all, {}, &steps_done::begin_ns).begin_ns;
  const auto end = std::ranges::max(all, {}, &steps_done::end_ns).end_ns;
  std::size_t steps = 0;
  for (const auto& one : all)
    steps += one.took_us.size();
  return static_cast<double>(steps) * 1e9 / static_cast<double>(end - begin);
}

}  // namespace

std::vector<measurement> measure_agent_steps(bench_context& context) {
  const int steps = context.options.steps / 4;
  constexpr int turns = 5;
  bench_home home(context.directory + "/steps",
                  "limits:\n  concurrent_agents: " + std::to_string(many_agents) + "\n");
  home.up();
  bare_disk bare(context.directory);
  measurement one{.what = "durable step of an agent, over its socket",
                  .unit = "us",
                  .baseline_name = "2 x fdatasync"};
  for (int turn = 0; turn < turns; ++turn) {  // both see the disk in the same mood
    for (int step = 0; step < steps / turns; ++step)
      one.baseline.push_back(bare.step_us());
    const auto done = run(home, 1, steps / turns);
    one.values.insert(one.values.end(), done[0].took_us.begin(), done[0].took_us.end());
  }
  measurement all{.what = "durable steps of 64 agents, over their socket", .unit = "/s"};
  for (int round = 0; round < context.options.rounds; ++round)
    all.values.push_back(steps_per_second(run(home, many_agents, steps / turns)));
  return {one, all};
}

}  // namespace nine::benchmarks
