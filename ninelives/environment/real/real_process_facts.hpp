#pragma once

#include "ninelives/environment/process_facts.hpp"

namespace nine::environment {

/// Looks at /proc. Thread: any; does not wait.
process_facts facts_of(const process_identity& process);

}  // namespace nine::environment
