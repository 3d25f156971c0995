#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"

namespace nine::configuration {

/// A place in a file, both from 1; 0: not known.
struct position {
  int line = 0;
  int column = 0;
  bool operator==(const position&) const = default;
};

/// One thing that is wrong in a file. `message` says what is wrong and what would be right.
struct problem {
  std::string file;
  position at;
  std::string message;
  bool operator==(const problem&) const = default;
};

/// "nine.yaml:3:5: agents.codex: unknown key 'comand'; did you mean 'command'?"
std::string to_string(const problem& item);

/// All problems as one error (invalid_argument), a line each.
error to_error(const std::vector<problem>& problems);

/// Collects the problems of one file; from the limit on it only counts.
class problem_list {
 public:
  static constexpr std::size_t problems_most = 20;

  explicit problem_list(std::string file) : file_(std::move(file)) {}

  void add(position at, std::string message);

  bool empty() const { return problems_.empty(); }

  /// The problems in the order of their places; the last one says how many were left out, if any.
  std::vector<problem> take();

 private:
  std::string file_;
  std::vector<problem> problems_;
  std::size_t left_out_ = 0;
};

/// A user's text as it may stand in a message: in quotes, one line, cut after 64 bytes.
std::string quoted(std::string_view text);

}  // namespace nine::configuration
