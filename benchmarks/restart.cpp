// From SIGKILL to the first instruction of the next life, one agent at a time.
#include <poll.h>
#include <signal.h>

#include "benchmarks/check.hpp"
#include "benchmarks/context.hpp"

namespace nine::benchmarks {
namespace {

/// Kills the agent of this index; microseconds until its next life began.
double restart_us(stamps& said, int index) {
  const int pid = said.pid_of(index);
  const auto killed = now_ns();
  check(::kill(pid, SIGKILL) == 0, "kill an agent");
  const auto next = said.next();
  check(next.index == index && next.pid != pid, "another agent began than the one that was killed");
  return static_cast<double>(next.at_ns - killed) / 1e3;
}

}  // namespace

std::vector<measurement> measure_restart(bench_context& context) {
  auto& fleet = context.agents();
  auto& said = fleet.said();
  std::uniform_int_distribution phase_ms(5, 15);
  samples kept;
  samples bare;
  for (int i = 0; i < fleet.size(); ++i) {
    for (int turn = 0; turn < 2; ++turn) {
      ::poll(nullptr, 0, phase_ms(context.chance));
      const bool ours = (i + turn) % 2 == 0;  // who goes first alternates
      auto& into = ours ? kept : bare;
      into.push_back(restart_us(said, (ours ? fleet::first_kept : fleet::first_bare) + i));
    }
  }
  fleet.wait_until_steady();
  check(said.silent(), "an agent began twice");

  measurement p50{.what = "kill to next life, p50",
                  .unit = "us",
                  .values = kept,
                  .baseline_name = "bare loop",
                  .baseline = bare,
                  .aim = "<= 1.5 x"};
  p50.met = p50.ratio() <= 1.5;
  measurement p99 = p50;
  p99.what = "kill to next life, p99";
  p99.shown = quantile(kept, 0.99);
  p99.baseline_shown = quantile(bare, 0.99);
  p99.aim.clear();
  p99.met.reset();
  return {p50, p99};
}

}  // namespace nine::benchmarks
