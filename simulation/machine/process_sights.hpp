#pragma once

#include "ninelives/environment/process_sight.hpp"

namespace nine::simulation {

class machine;

/// Looks at the process table of the machine, which outlives it. Every process leads a session.
environment::look_at_processes look_at(machine& host);

}  // namespace nine::simulation
