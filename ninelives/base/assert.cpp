#include "ninelives/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace nine::detail {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "ninelives: invariant broken: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace nine::detail
