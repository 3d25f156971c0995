#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ninelives/home/home_layout.hpp"
#include "ninelives/journal/stores/memory/memory_medium.hpp"
#include "simulation/environment/faulty_seams.hpp"
#include "simulation/environment/store_faults.hpp"
#include "simulation/scenarios/orchestration/task_ledger.hpp"

namespace nine::simulation {

/// How an agent or a gate of a task behaves; drawn anew for every life from these shares.
struct task_program_script {
  duration work_least = 10ms;
  duration work_most = 3s;
  double crash = 0;         ///< dies by a signal on the way
  double failure = 0;       ///< exits with 1: no result; for a gate: not passed
  double nothing = 0;       ///< exits with 0 and has written nothing
  double hang = 0;          ///< never ends by itself
  double ignore_term = 0;   ///< only KILL ends it
  double leave_behind = 0;  ///< starts a process that outlives it
  std::uint64_t steps_most = 3;
};

/// What outlives the processes of an orchestration scenario: disk of the journal, scripts, and the
/// book of those who watch.
struct orchestration_home {
  home::home_layout layout{"/home/nine", 1000};
  std::shared_ptr<journal::stores::memory_medium> medium =
      std::make_shared<journal::stores::memory_medium>();
  store_faults store_plan;
  seam_faults seam_plan;  ///< of core and guard, and of the connections of clients and agents
  std::map<std::string, task_program_script, std::less<>> scripts;  ///< by name of agent or gate
  task_ledger* ledger = nullptr;
  std::function<void(std::string_view)> say;

  static constexpr const char* guard_program = "/usr/bin/guard";
  static constexpr const char* core_program = "/usr/bin/core";
  static constexpr const char* shim_program = "/usr/bin/nine-shim";
  static constexpr std::uint32_t restart_intensity = 3;
  static constexpr duration restart_period = 60s;
  static constexpr duration down_within = 120s;
};

/// HOME/nine.yaml of the scenario.
std::string_view orchestration_configuration();

}  // namespace nine::simulation
