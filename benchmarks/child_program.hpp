#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace nine::benchmarks {

/// A program of this build, by name.
std::string program(const std::string& name);

/// A program that runs until this object goes: then it is killed and reaped.
class child_program {
 public:
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
};

}  // namespace nine::benchmarks
