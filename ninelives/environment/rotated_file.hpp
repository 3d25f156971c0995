#pragma once

#include <filesystem>

namespace nine::environment {

/// Where a log is moved to when it is full; what stood there is gone then.
inline std::filesystem::path rotated(std::filesystem::path file) {
  file += ".1";
  return file;
}

}  // namespace nine::environment
