#pragma once

#include "ninelives/environment/termination.hpp"
#include "simulation/scheduler/wait_point.hpp"

namespace nine::simulation {

/// What a process that handles SIGTERM and SIGINT has heard.
class simulated_termination final : public environment::termination {
 public:
  explicit simulated_termination(lane& mine) : lane_(mine) {}

  boost::asio::awaitable<void> requested() override;

  void request();

 private:
  lane& lane_;
  int asked_ = 0;
  wait_point changed_;
};

}  // namespace nine::simulation
