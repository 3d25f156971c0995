#pragma once

#include <sys/types.h>

#include <string>

namespace nine::benchmarks {

/// A process that removes a directory as soon as this one is gone, however it ended: without its
/// directory everything of a home ends by itself, and whoever interrupts a benchmark does not want
/// to keep a thousand agents.
class janitor {
 public:
  explicit janitor(const std::string& directory);
  /// Waits until it is removed.
  ~janitor();
  janitor(const janitor&) = delete;
  janitor& operator=(const janitor&) = delete;

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;  ///< its end tells the janitor
};

}  // namespace nine::benchmarks
