#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <utility>

#include "simulation/scheduler/lane.hpp"
#include "simulation/scheduler/scheduler.hpp"

namespace nine::simulation {

/// Hands work to the scheduler in the name of a lane. Like the executor of an io_context that one
/// thread runs: what is posted runs in the order of posting, what is dispatched from the lane's own
/// task runs at once. (Not a detail: a coroutine that is cancelled between its spawning and its
/// first step ends the program in Boost 1.81, which posting it would make common.)
class lane_executor {
 public:
  using blocking_t = boost::asio::execution::blocking_t;

  lane_executor(scheduler& owner, lane& mine, bool at_once = true) noexcept
      : owner_(&owner), lane_(&mine), at_once_(at_once) {}

  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return *owner_;
  }
  blocking_t query(blocking_t) const noexcept {
    return at_once_ ? blocking_t(boost::asio::execution::blocking.possibly)
                    : blocking_t(boost::asio::execution::blocking.never);
  }
  lane_executor require(blocking_t::possibly_t) const noexcept { return {*owner_, *lane_, true}; }
  lane_executor require(blocking_t::never_t) const noexcept { return {*owner_, *lane_, false}; }

  template <class Function>
  void execute(Function function) const {
    if (at_once_ && owner_->runs(*lane_)) {
      function();
    } else {
      owner_->enqueue(*lane_, job(std::move(function)));
    }
  }

  bool operator==(const lane_executor& other) const noexcept {
    return lane_ == other.lane_ && at_once_ == other.at_once_;
  }
  bool operator!=(const lane_executor& other) const noexcept { return !(*this == other); }

 private:
  scheduler* owner_;
  lane* lane_;
  bool at_once_;
};

}  // namespace nine::simulation
