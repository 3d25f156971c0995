#pragma once

#include "ninelives/environment/worker.hpp"
#include "simulation/machine/faults.hpp"
#include "simulation/scheduler/random_stream.hpp"
#include "simulation/scheduler/scheduler.hpp"

namespace nine::simulation {

/// Runs each piece of work as one step at a moment the seed decides, in the order given. When its
/// process is killed, a piece has happened whole or not at all.
class simulated_worker final : public environment::worker {
 public:
  simulated_worker(scheduler& owner, lane& mine, random_stream random, const faults& plan)
      : scheduler_(owner), lane_(mine), random_(random), faults_(plan) {}

  void post(std::move_only_function<void()> work) override;

 private:
  scheduler& scheduler_;
  lane& lane_;
  random_stream random_;
  const faults& faults_;
  monotonic_time busy_until_{};
};

}  // namespace nine::simulation
