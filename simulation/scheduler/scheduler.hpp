#pragma once

#include <boost/asio/execution_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ninelives/base/time.hpp"
#include "simulation/scheduler/lane.hpp"
#include "simulation/scheduler/random_stream.hpp"
#include "simulation/scheduler/trace.hpp"

namespace nine::simulation {

/// Runs the tasks of all simulated processes, one at a time, on a time of its own. Whose task is
/// next is drawn from the seed; a process's own tasks keep their order, as on its io_context: a
/// task takes a few microseconds of it, and when nothing is ready it jumps to the next timer.
/// Everything runs on the thread that calls run(); nothing here blocks.
class scheduler : public boost::asio::execution_context {
 public:
  explicit scheduler(std::uint64_t seed);
  ~scheduler();

  /// Lives as long as the scheduler, also when it is dead.
  lane& make_lane(std::string name);

  /// Ends a lane before the next task runs (at once, if no task is running): whatever belongs to it
  /// is destroyed. `at_reap`, when set, does that instead and calls drop() itself.
  void kill(lane& victim);
  void set_at_reap(lane& which, job at_reap);

  /// Destroys what is ready, timed or suspended in a lane; what that adds is destroyed too.
  void drop(lane& victim);

  /// A frozen lane keeps what becomes ready or due until thaw().
  void freeze(lane& which);
  void thaw(lane& which);

  void enqueue(lane& owner, job body);
  /// A task of this lane is running now.
  bool runs(const lane& which) const { return running_ == &which; }

  using timer = std::pair<monotonic_time, std::uint64_t>;
  timer run_at(lane& owner, monotonic_time when, job body);
  void cancel(timer which);

  /// One task or timer; false when there is nothing left to do.
  bool step();

  monotonic_time now() const { return now_; }
  std::uint64_t steps() const { return steps_; }
  nine::simulation::trace& trace() { return trace_; }

 private:
  struct timer_entry {
    lane* owner;
    job body;
  };

  void reap();
  void run(lane& owner, std::uint64_t number, job body);
  bool fire_due_timer();
  void run_drawn_task();

  random_stream random_;
  nine::simulation::trace trace_;
  monotonic_time now_;
  std::uint64_t steps_ = 0;
  std::uint64_t last_number_ = 0;
  const lane* running_ = nullptr;
  std::vector<std::unique_ptr<lane>> lanes_;
  std::vector<lane*> dying_;
  std::vector<lane*> ready_;  ///< lanes with a ready task that are not frozen
  std::map<timer, timer_entry> timers_;
};

}  // namespace nine::simulation
