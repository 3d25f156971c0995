#pragma once

#include "ninelives/base/result.hpp"

namespace nine::orchestration {

/// Whether it may pass although nobody changes what was asked for: a full disk, too many processes,
/// somebody who does not answer. The same is tried again then, and nobody is blamed.
constexpr bool is_passing(const error& problem) noexcept {
  return problem.code == error_code::unavailable || problem.code == error_code::timed_out ||
         problem.code == error_code::resource_exhausted || problem.code == error_code::io_error;
}

}  // namespace nine::orchestration
