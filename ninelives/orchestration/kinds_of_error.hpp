#pragma once

#include "ninelives/base/result.hpp"

namespace nine::orchestration {

/// Whether it may pass although nobody changes what was asked for: a full disk, too many processes,
/// somebody who does not answer. The same is tried again then, and nobody is blamed.
constexpr bool is_passing(const error& problem) noexcept {
  return problem.code == error_code::unavailable || problem.code == error_code::timed_out ||
         problem.code == error_code::resource_exhausted || problem.code == error_code::io_error;
}

/// Whether the task itself asks for what cannot be done: trying again is no use.
constexpr bool is_final(const error& problem) noexcept {
  return problem.code == error_code::too_large || problem.code == error_code::invalid_argument;
}

/// Of an answer of the journal: it has not written the record, and never will. After any other
/// error it may have.
constexpr bool is_refused_record(const error& problem) noexcept {
  return problem.code == error_code::already_exists ||
         problem.code == error_code::precondition_failed || problem.code == error_code::too_large ||
         problem.code == error_code::resource_exhausted;
}

}  // namespace nine::orchestration
