#pragma once

#include <cstdint>

namespace nine::benchmarks {

/// What an agent of the benchmarks says when it begins to run.
struct stamp {
  std::int64_t at_ns = 0;  ///< CLOCK_MONOTONIC, the first thing in main()
  std::int32_t pid = 0;
  std::int32_t index = 0;
};

}  // namespace nine::benchmarks
