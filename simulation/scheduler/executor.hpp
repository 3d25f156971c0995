#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <utility>

#include "simulation/scheduler/lane.hpp"
#include "simulation/scheduler/scheduler.hpp"

namespace nine::simulation {

/// Hands work to the scheduler in the name of a lane. Never runs anything at once.
class lane_executor {
 public:
  lane_executor(scheduler& owner, lane& mine) noexcept : owner_(&owner), lane_(&mine) {}

  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return *owner_;
  }
  static constexpr boost::asio::execution::blocking_t query(
      boost::asio::execution::blocking_t) noexcept {
    return boost::asio::execution::blocking.never;
  }

  template <class Function>
  void execute(Function function) const {
    owner_->enqueue(*lane_, job(std::move(function)));
  }

  bool operator==(const lane_executor& other) const noexcept { return lane_ == other.lane_; }
  bool operator!=(const lane_executor& other) const noexcept { return lane_ != other.lane_; }

 private:
  scheduler* owner_;
  lane* lane_;
};

}  // namespace nine::simulation
