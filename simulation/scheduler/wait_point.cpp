#include "simulation/scheduler/wait_point.hpp"

namespace nine::simulation {

boost::asio::awaitable<void> wait_point::wait(lane& whose) {
  std::erase_if(waiting_, [](const auto& each) { return !each.first->waits(each.second); });
  const ticket mine = whose.new_ticket();
  waiting_.emplace_back(&whose, mine);
  return whose.park(mine);
}

void wait_point::wake_all() {
  for (auto [whose, mine] : std::exchange(waiting_, {}))
    whose->wake(mine);
}

}  // namespace nine::simulation
