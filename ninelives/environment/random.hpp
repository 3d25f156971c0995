#pragma once

#include <cstdint>
#include <span>

namespace nine::environment {

/// The only source of chance. The real one is fit for tokens and keys; the simulated one is seeded.
class random {
 public:
  virtual ~random() = default;

  /// Uniform over all 64-bit values.
  virtual std::uint64_t next() = 0;

  /// Uniform in [0, 1).
  double next_unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
};

}  // namespace nine::environment
