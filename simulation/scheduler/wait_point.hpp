#pragma once

#include <boost/asio/awaitable.hpp>
#include <utility>
#include <vector>

#include "simulation/scheduler/lane.hpp"

namespace nine::simulation {

/// Where coroutines of any process wait for something of the world to change: bytes to arrive, a
/// process to end. Whoever changes it wakes all; whoever waits looks again.
class wait_point {
 public:
  /// Throws operation_aborted when the waiting coroutine is cancelled.
  boost::asio::awaitable<void> wait(lane& whose);
  void wake_all();

 private:
  std::vector<std::pair<lane*, ticket>> waiting_;
};

}  // namespace nine::simulation
