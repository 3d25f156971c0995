#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/environment/files.hpp"

namespace nine::command_line {

/// Reads a log that others append to and move aside (NAME.1) when it is large. Blocks for small
/// reads; a log that is not there yet is empty.
class log_follower {
 public:
  log_follower(environment::files& files, std::filesystem::path file)
      : files_(files), file_(std::move(file)) {}

  /// The last whole lines there are, at most `most`; add() goes on behind them.
  std::vector<std::string> last_lines(std::size_t most);

  /// The whole lines that were added since; those in a log moved aside meanwhile included.
  std::vector<std::string> added_lines();

  static constexpr bytes looked_at_most = 1 * MiB;  ///< of the past, and of one addition

 private:
  std::string take(const std::filesystem::path& file, bytes from, bytes to);
  std::vector<std::string> whole_lines(std::string_view text);

  environment::files& files_;
  std::filesystem::path file_;
  bytes offset_ = 0;
  std::string rest_;  ///< the beginning of a line whose end is not there yet
};

/// What was added to a text of which only the end is kept: of `text`, which begins at byte `from`
/// of the whole, the part behind byte `shown`; and `shown` is moved to its end. A whole that is
/// shorter than what was shown has been begun anew.
std::string added_text(std::string_view text, std::size_t from, std::size_t& shown);

}  // namespace nine::command_line
