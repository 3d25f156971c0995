#include "ninelives/environment/real/environment_variable.hpp"

#include <cstdlib>

namespace nine::environment {

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace nine::environment
