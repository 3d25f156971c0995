#pragma once

/// Invariants, checked in release builds too: a process that finds its own state impossible dies at
/// once and is restarted from its journal, which is safer than going on.
#define NINE_ASSERT(condition)                                          \
  do {                                                                  \
    if (!(condition)) [[unlikely]]                                      \
      ::nine::detail::assertion_failed(#condition, __FILE__, __LINE__); \
  } while (false)

namespace nine::detail {
/// Writes one line to stderr and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace nine::detail
