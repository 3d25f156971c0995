#pragma once

#include "ninelives/environment/random.hpp"
#include "simulation/scheduler/random_stream.hpp"

namespace nine::simulation {

/// A process's chance: a fork of the world's seed.
class simulated_random final : public environment::random {
 public:
  explicit simulated_random(random_stream stream) : stream_(stream) {}
  std::uint64_t next() override { return stream_.next(); }

 private:
  random_stream stream_;
};

}  // namespace nine::simulation
