#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/checkers/checker.hpp"
#include "simulation/machine/machine.hpp"
#include "simulation/scheduler/scheduler.hpp"

namespace nine::simulation {

/// A machine under a seed, with those who watch it: what a scenario plays in. The scenario runs
/// between steps of the world, on no process: it starts programs, lets time pass, kills, and looks.
class world final : private machine_observer {
 public:
  explicit world(std::uint64_t seed);
  ~world() override;
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  program_registry& programs() { return programs_; }
  machine& host() { return machine_; }
  trace& history() { return scheduler_.trace(); }
  /// The scenario's own chance.
  random_stream& random() { return random_; }
  monotonic_time now() const { return scheduler_.now(); }
  std::uint64_t steps() const { return scheduler_.steps(); }

  /// Starts a program with arguments and variables; a failure to start fails the run.
  process_record& start(std::vector<std::string> arguments,
                        std::vector<std::string> environment = {});

  /// Makes something that processes may refer to: it lives longer than they.
  template <class Kept, class... Arguments>
  Kept& keep(Arguments&&... arguments) {
    auto made = std::make_shared<Kept>(std::forward<Arguments>(arguments)...);
    kept_.push_back(made);
    return *made;
  }

  /// The same for what watches everything from now on.
  template <class Checker, class... Arguments>
  Checker& watch(Arguments&&... arguments) {
    auto& made = keep<Checker>(std::forward<Arguments>(arguments)...);
    checkers_.push_back(&made);
    return made;
  }

  // Each stops early when the run has failed.
  void run_for(duration time);
  void run_steps(std::uint64_t steps);
  /// False when `limit` passed, or nothing was left to do, before `done`.
  bool run_until(const std::function<bool()>& done, duration limit);

  /// A line in the trace.
  void note(std::string_view text);
  /// The first failure counts and ends the run.
  void fail(std::string_view why);
  bool failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }

  /// Asks every checker for its last word. Call it once, at the end.
  void finish();

  static constexpr std::uint64_t steps_most = 5'000'000;

 private:
  void process_started(const process_record& process) override;
  void process_ended(const process_record& process) override;
  void happened(const std::string& what) override;
  void defect(const process_record& process, const std::string& what) override;
  bool step();

  scheduler scheduler_;
  random_stream random_;
  std::string failure_;
  std::vector<std::shared_ptr<void>> kept_;
  std::vector<checker*> checkers_;
  program_registry programs_;
  lane& alarm_;
  machine machine_;
};

}  // namespace nine::simulation
