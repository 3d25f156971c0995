#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ninelives/command_line/cut_line.hpp"

namespace nine::command_line {

/// Where a command speaks: results to `out`, everything else to `err`.
struct terminal {
  std::function<void(std::string_view)> out;
  std::function<void(std::string_view)> err;
  bool interactive = false;  ///< stderr is a terminal: progress may be drawn over itself
  bool json = false;         ///< one JSON object on `out` instead of text
  std::size_t columns = 0;   ///< of the terminal that stderr is; 0: not known
};

/// One line that is drawn over itself on a terminal; nothing elsewhere.
class progress_line {
 public:
  explicit progress_line(terminal& where) : where_(where) {}
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  void show(std::string_view text) {
    if (!where_.interactive) return;
    // A line that wraps could not be drawn over.
    constexpr std::size_t usual_columns = 80;
    const auto columns = where_.columns > 0 ? where_.columns : usual_columns;
    auto line = cut_line(text, columns - 1);
    if (line == shown_) return;
    where_.err("\r\033[K");
    where_.err(line);
    shown_ = std::move(line);
  }
  void clear() {
    if (!shown_.empty()) where_.err("\r\033[K");
    shown_.clear();
  }

 private:
  terminal& where_;
  std::string shown_;
};

}  // namespace nine::command_line
