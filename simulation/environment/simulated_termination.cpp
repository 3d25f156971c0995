#include "simulation/environment/simulated_termination.hpp"

namespace nine::simulation {

boost::asio::awaitable<void> simulated_termination::requested() {
  while (asked_ == 0) {
    co_await changed_.wait(lane_);
  }
  --asked_;
}

void simulated_termination::request() {
  ++asked_;
  changed_.wake_all();
}

}  // namespace nine::simulation
