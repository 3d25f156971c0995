#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "ninelives/environment/worker.hpp"

namespace nine::environment {

/// A worker whose work runs when a test says so, on the test's thread.
class manual_worker final : public worker {
 public:
  void post(std::move_only_function<void()> work) override { jobs_.push_back(std::move(work)); }

  /// Whether there was one to run.
  bool run_one() {
    if (jobs_.empty()) return false;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    return true;
  }

  std::size_t waiting() const { return jobs_.size(); }

 private:
  std::deque<std::move_only_function<void()>> jobs_;
};

}  // namespace nine::environment
