#include "simulation/environment/simulated_worker.hpp"

#include <algorithm>
#include <utility>

namespace nine::simulation {

/// Timers fire in order of (time, number), so later work never overtakes earlier work.
void simulated_worker::post(std::move_only_function<void()> work) {
  const auto most =
      random_.chance(faults_.slow_work) ? faults_.slow_work_most : faults_.work_time_most;
  const auto begin = std::max(busy_until_, scheduler_.now());
  busy_until_ = begin + random_.between(1us, most);
  scheduler_.run_at(lane_, busy_until_, std::move(work));
}

}  // namespace nine::simulation
