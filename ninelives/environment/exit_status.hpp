#pragma once

#include <string>

namespace nine::environment {

/// How a process ended. `unknown`: it is proved gone, but nobody was there to read its status.
struct exit_status {
  enum class kind { exited, signalled, unknown };

  kind how = kind::unknown;
  int value = 0;  ///< exit code, or signal number

  static exit_status exited(int code) { return {kind::exited, code}; }
  static exit_status signalled(int signal) { return {kind::signalled, signal}; }

  bool success() const { return how == kind::exited && value == 0; }
  bool operator==(const exit_status&) const = default;
};

/// "exit code 3", "signal 9", "unknown exit".
inline std::string to_string(const exit_status& status) {
  switch (status.how) {
    case exit_status::kind::exited:
      return "exit code " + std::to_string(status.value);
    case exit_status::kind::signalled:
      return "signal " + std::to_string(status.value);
    case exit_status::kind::unknown:
      break;
  }
  return "unknown exit";
}

}  // namespace nine::environment
