#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ninelives/environment/log_sink.hpp"

namespace nine::telemetry {

/// Keeps lines for tests. Thread: one at a time.
class memory_log_sink final : public environment::log_sink {
 public:
  bool write_line(std::string_view line) noexcept override {
    if (refuses_) return false;
    lines_.emplace_back(line);
    return true;
  }

  const std::vector<std::string>& lines() const { return lines_; }

  /// As if the disk were full.
  void refuse_lines(bool refuses) { refuses_ = refuses; }

 private:
  std::vector<std::string> lines_;
  bool refuses_ = false;
};

}  // namespace nine::telemetry
