#pragma once

#include "ninelives/base/time.hpp"

namespace nine::simulation {

/// What goes wrong on a machine, and how often. A scenario may change it at any time; everything
/// at its default is a quiet machine, on which only delays vary.
struct faults {
  double disk_error = 0;     ///< share of file operations that fail with io_error
  bool disk_full = false;    ///< writes fail with resource_exhausted
  double refuse = 0;         ///< share of connects that find nobody although somebody listens
  double spawn_failure = 0;  ///< share of spawns that fail with resource_exhausted
  double probe_unknown = 0;  ///< share of probes and look-ups that tell nothing
  double slow_work = 0;      ///< share of a worker's jobs that take up to slow_work_most
  duration slow_work_most = 2s;
  duration wire_delay_most = 300us;  ///< of a segment on its way
  duration work_time_most = 2ms;     ///< of a worker's job
  duration exec_time_most = 3ms;     ///< from spawn to the first instruction
};

}  // namespace nine::simulation
