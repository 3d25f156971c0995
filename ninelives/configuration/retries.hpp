#pragma once

#include <cstdint>

namespace nine::configuration {

/// Further attempts of one agent after its first; then the task goes on to the next agent (Q3).
constexpr std::uint32_t retries_most = 3;

}  // namespace nine::configuration
