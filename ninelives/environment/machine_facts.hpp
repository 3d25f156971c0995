#pragma once

#include <cstdint>
#include <string>

#include "ninelives/base/time.hpp"
#include "ninelives/base/units.hpp"

namespace nine::environment {

/// What a machine offers and how much of it is left, for a diagnosis.
struct machine_facts {
  enum class control_groups {
    none,            ///< no cgroup v2
    refused,         ///< there, but this user may make no group
    without_memory,  ///< can be made, but the memory controller is not given to us
    usable,
  };

  std::string kernel;  ///< release, such as 6.1.0-18-amd64
  bool pidfd = false;
  control_groups groups = control_groups::none;
  std::uint64_t descriptors_most = 0;  ///< of a process, the soft limit
  bytes disk_free = 0;                 ///< where the home is, for this user
  std::uint64_t files_free = 0;        ///< how many further files the disk takes
  wall_time now{};
  bool clock_synchronized = false;  ///< with a time server, as far as the kernel knows
};

}  // namespace nine::environment
