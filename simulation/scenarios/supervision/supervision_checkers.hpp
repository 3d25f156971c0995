#pragma once

#include "simulation/checkers/checker.hpp"
#include "simulation/scenarios/supervision/supervision_home.hpp"

namespace nine::simulation {

/// When an incarnation of a child starts, nothing of an earlier one lives, and its epoch is not
/// lower than one on record. (It may be used again when neither record nor shim survived to tell.)
class one_incarnation final : public checker {
 public:
  explicit one_incarnation(const supervision_home& home) : home_(home) {}
  void process_started(world& stage, const process_record& born) override;

 private:
  const supervision_home& home_;
};

/// A child that is on record as finished is never started again.
class finished_stays_finished final : public checker {
 public:
  explicit finished_stays_finished(const supervision_home& home) : home_(home) {}
  void process_started(world& stage, const process_record& born) override;

 private:
  const supervision_home& home_;
};

}  // namespace nine::simulation
