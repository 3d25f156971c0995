#include "benchmarks/check.hpp"

#include <stdexcept>

namespace nine::benchmarks {

void check(bool good, const std::string& what) {
  if (!good) throw std::runtime_error(what);
}

}  // namespace nine::benchmarks
