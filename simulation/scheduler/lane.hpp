#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

namespace nine::simulation {

class scheduler;

using job = std::move_only_function<void()>;

/// Names one suspended coroutine of a lane; never reused.
using ticket = std::uint64_t;

/// All that belongs to one simulated process in the scheduler: its ready tasks, its timers and its
/// suspended coroutines. That every suspension at a seam is registered here is what makes a process
/// killable at any moment: dropping a lane destroys all of them, and with them the coroutines.
class lane {
 public:
  lane(scheduler& owner, int id, std::string name);
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;

  int id() const { return id_; }
  const std::string& name() const { return name_; }
  bool alive() const { return state_ == state::alive; }
  bool frozen() const { return frozen_; }

  /// What runs on it belongs to this lane. Work given to a dead lane is destroyed, silently.
  boost::asio::any_io_executor executor();

  ticket new_ticket() { return ++last_ticket_; }

  /// Suspends the calling coroutine until wake(). Throws operation_aborted when it is cancelled.
  boost::asio::awaitable<void> park(ticket mine);

  bool waits(ticket whose) const { return parked_.contains(whose); }

  /// Makes the coroutine ready; false when it no longer waits.
  bool wake(ticket whose);

 private:
  friend class scheduler;
  enum class state { alive, dying, dead };
  using parked_handler = std::move_only_function<void(boost::system::error_code)>;
  struct task {
    std::uint64_t number;
    job body;
  };

  bool complete(ticket whose, boost::system::error_code outcome);

  scheduler& owner_;
  int id_;
  std::string name_;
  state state_ = state::alive;
  bool frozen_ = false;
  ticket last_ticket_ = 0;
  std::map<ticket, parked_handler> parked_;
  std::deque<task> ready_;
  job at_reap_;
};

}  // namespace nine::simulation
