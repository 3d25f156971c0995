// What happens to all agents at once: every one is killed, or the core is.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "benchmarks/check.hpp"
#include "benchmarks/context.hpp"

namespace nine::benchmarks {
namespace {

/// From then on an agent's or a core's death counts as the first again: no restart is delayed.
constexpr unsigned policies_rest_seconds = 31;

/// Kills a process that is no child of ours, and waits until it is gone.
void end_process(int pid) {
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  check(handle >= 0 && ::kill(pid, SIGKILL) == 0, "kill the core");
  pollfd waiting{handle, POLLIN, 0};
  const int ended = ::poll(&waiting, 1, 10'000);
  ::close(handle);
  check(ended == 1, "the core does not die");
}

/// Kills all agents from this index on; so many a second began their next life, up to the last.
double restarts_per_second(stamps& said, int first, int count) {
  const int lives = said.lives_of(first) + 1;
  const auto begin = now_ns();
  for (int index = first; index < first + count; ++index)
    check(::kill(said.pid_of(index), SIGKILL) == 0, "kill an agent");
  const auto end = said.wait_for(first, count, lives);
  return count * 1e9 / static_cast<double>(end - begin);
}

/// Kills the core; milliseconds until a new one says that it has every agent in hand. Each must be
/// the process it was before.
double takeover_ms(fleet& fleet) {
  const auto before = fleet.wait_until_steady();
  const auto killed = now_ns();
  end_process(before.core);
  const auto taken = fleet.wait_until_steady();
  const auto elapsed = static_cast<double>(now_ns() - killed) / 1e6;
  check(taken.core != before.core, "the core was not replaced");
  check(taken.agents == before.agents && taken.shims == before.shims,
        "after a takeover agents or shims are other processes");
  return elapsed;
}

}  // namespace

std::vector<measurement> measure_rounds(bench_context& context) {
  auto& fleet = context.agents();
  samples kept;
  samples bare;
  samples takeovers;
  for (int round = 0; round < context.options.rounds; ++round) {
    if (context.options.rest) ::sleep(policies_rest_seconds);
    for (int turn = 0; turn < 2; ++turn) {
      const bool ours = (round + turn) % 2 == 0;
      fleet.look_at_bare();
      const int first = ours ? fleet::first_kept : fleet::first_bare;
      (ours ? kept : bare).push_back(restarts_per_second(fleet.said(), first, fleet.size()));
      fleet.wait_until_steady();
    }
    takeovers.push_back(takeover_ms(fleet));
  }
  check(fleet.said().silent(), "an agent began that was not killed");
  const auto all = std::to_string(fleet.size());
  measurement storm{.what = all + " agents killed at once, restarts",
                    .unit = "/s",
                    .values = kept,
                    .baseline_name = "bare loop",
                    .baseline = bare,
                    .aim = ">= 0.8 x"};
  storm.met = storm.ratio() >= 0.8;
  measurement takeover{.what = "core killed, " + all + " agents taken over",
                       .unit = "ms",
                       .values = takeovers,
                       .aim = "<= 500 ms, same pids"};
  takeover.met = takeover.value() <= 500;
  return {storm, takeover};
}

}  // namespace nine::benchmarks
