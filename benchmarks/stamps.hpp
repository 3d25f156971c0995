#pragma once

#include <chrono>
#include <map>
#include <string>

#include "benchmarks/stamp.hpp"

namespace nine::benchmarks {

/// CLOCK_MONOTONIC, as the agents read it.
std::int64_t now_ns();

/// Hears what agents say, and knows of each the process it is now. What does not come within
/// `patience` is a defect of what is measured: it ends the program.
class stamps {
 public:
  static constexpr std::chrono::seconds patience{120};

  explicit stamps(std::string path);
  ~stamps();
  stamps(const stamps&) = delete;
  stamps& operator=(const stamps&) = delete;

  const std::string& path() const { return path_; }

  /// Waits for the next one.
  stamp next();
  /// Waits until every agent from `first` on, `count` of them, has spoken `lives` times in all; the
  /// time of the last one.
  std::int64_t wait_for(int first, int count, int lives);
  /// What was said and not yet heard: nothing is expected.
  bool silent() const;

  int pid_of(int index) const { return agents_.at(index).pid; }
  int lives_of(int index) const { return agents_.at(index).lives; }

 private:
  struct agent {
    int pid = 0;
    int lives = 0;
  };

  std::string path_;
  int socket_ = -1;
  std::map<int, agent> agents_;
};

}  // namespace nine::benchmarks
