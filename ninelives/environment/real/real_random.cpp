#include "ninelives/environment/real/real_random.hpp"

#include <sys/random.h>

#include <cerrno>

#include "ninelives/base/assert.hpp"

namespace nine::environment {

std::uint64_t real_random::next() {
  if (used_ == block_.size()) {
    // Up to 256 bytes come whole and cannot be interrupted once the kernel is seeded
    // (getrandom(2)).
    const auto got = ::getrandom(block_.data(), sizeof block_, 0);
    NINE_ASSERT(got == static_cast<ssize_t>(sizeof block_));
    used_ = 0;
  }
  const auto value = block_[used_];
  block_[used_++] = 0;  // a value that was given out is not left in memory
  return value;
}

}  // namespace nine::environment
