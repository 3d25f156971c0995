#pragma once

#include <string>

namespace nine::benchmarks {

/// What is measured must also be right: throws std::runtime_error unless `good`. The program then
/// cleans up, says what was wrong and fails.
void check(bool good, const std::string& what);

}  // namespace nine::benchmarks
