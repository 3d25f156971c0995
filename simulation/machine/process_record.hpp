#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ninelives/base/time.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/environment/exit_status.hpp"
#include "ninelives/environment/process_identity.hpp"
#include "ninelives/environment/processes.hpp"
#include "simulation/machine/program.hpp"
#include "simulation/scheduler/wait_point.hpp"

namespace nine::simulation {

/// An entry of the process table. Kept, without program and context, after the process is gone.
struct process_record {
  environment::process_identity identity;
  int parent = 0;          ///< pid of who spawned it
  std::string parent_key;  ///< which process that was, beyond reuse of pids
  environment::process_specification specification;
  std::string name;  ///< the program's, for people
  lane* process = nullptr;

  std::optional<monotonic_time> continued_at;  ///< last, after it had been stopped

  bool gone = false;
  environment::exit_status exit;                   ///< once gone
  std::optional<environment::exit_status> ending;  ///< decided, not gone yet
  wait_point ended;

  bytes output_lost = 0;  ///< of what it wrote, what the disk did not take

  std::unique_ptr<process_context> context;
  std::unique_ptr<program> running;

  bool has_variable(std::string_view marker) const;
  /// The value of a variable of its environment; empty when it has none.
  std::string variable(std::string_view variable_name) const;
};

}  // namespace nine::simulation
