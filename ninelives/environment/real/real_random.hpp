#pragma once

#include <array>
#include <cstddef>

#include "ninelives/environment/random.hpp"

namespace nine::environment {

/// getrandom(2), read in blocks. Thread: one at a time.
class real_random final : public random {
 public:
  std::uint64_t next() override;

 private:
  std::array<std::uint64_t, 32> block_{};
  std::size_t used_ = block_.size();
};

}  // namespace nine::environment
