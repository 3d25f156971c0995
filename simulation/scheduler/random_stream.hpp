#pragma once

#include <cstdint>
#include <string_view>

#include "ninelives/base/time.hpp"

namespace nine::simulation {

/// Pseudo-random numbers that are the same on every machine for the same seed: splitmix64 (Steele,
/// Lea, Flood, "Fast splittable pseudorandom number generators", 2014). Every part of a world draws
/// from a fork of its own, so that one part's draws do not move another's.
class random_stream {
 public:
  explicit random_stream(std::uint64_t seed) : seed_(seed), state_(seed) {}

  std::uint64_t next();

  /// Uniform in [0, bound); bound is at least 1.
  std::uint64_t below(std::uint64_t bound);

  /// Uniform in [least, most].
  duration between(duration least, duration most);

  /// True with this probability; never draws when it cannot be true.
  bool chance(double probability);

  /// Depends on the seed and the label only, not on what was drawn before.
  random_stream fork(std::string_view label) const;
  random_stream fork(std::string_view label, std::uint64_t number) const;

 private:
  std::uint64_t seed_;
  std::uint64_t state_;
};

}  // namespace nine::simulation
