#pragma once

#include <string_view>

namespace nine::environment {

/// Where log lines go. Thread: any.
class log_sink {
 public:
  virtual ~log_sink() = default;

  /// Takes one whole line, without its end. False: it could not be written and is lost; the caller
  /// counts that. Never throws, never waits for a reader.
  virtual bool write_line(std::string_view line) noexcept = 0;
};

}  // namespace nine::environment
