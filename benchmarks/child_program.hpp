#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace nine::benchmarks {

/// A program of this build, by name.
std::string program(const std::string& name);

/// A program that runs until this object goes. Its standard input ends then, or when this process
/// does, however that comes about; one that does not end by that is killed.
class child_program {
 public:
  static constexpr std::chrono::seconds patience{10};

  /// Its output goes to the file `log`.
  child_program(std::vector<std::string> arguments, std::vector<std::string> environment,
                const std::string& log);
  ~child_program();
  child_program(const child_program&) = delete;
  child_program& operator=(const child_program&) = delete;

  pid_t pid() const { return pid_; }
  /// Waits for its end; its exit code, -1 when it was killed.
  int wait();

 private:
  pid_t pid_ = -1;
  int input_ = -1;  ///< nothing is ever written there
};

}  // namespace nine::benchmarks
