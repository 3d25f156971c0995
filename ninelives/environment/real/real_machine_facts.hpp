#pragma once

#include <filesystem>

#include "ninelives/environment/machine_facts.hpp"

namespace nine::environment {

/// Looks at this machine; `place` says which disk. What cannot be found out counts as the best
/// case: a diagnosis names only what it has seen. Tries to make a control group and removes it.
machine_facts look_at_machine(const std::filesystem::path& place, wall_time now);

}  // namespace nine::environment
