#pragma once

#include <optional>
#include <string>

namespace nine::environment {

/// The value of an environment variable of this process. For composition roots only: what a module
/// needs from it is passed to its constructor.
std::optional<std::string> environment_variable(const std::string& name);

}  // namespace nine::environment
