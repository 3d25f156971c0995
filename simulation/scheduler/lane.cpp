#include "simulation/scheduler/lane.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "simulation/scheduler/executor.hpp"
#include "simulation/scheduler/scheduler.hpp"

namespace nine::simulation {
namespace asio = boost::asio;

lane::lane(scheduler& owner, int id, std::string name)
    : owner_(owner), id_(id), name_(std::move(name)) {}

asio::any_io_executor lane::executor() {
  return lane_executor(owner_, *this);
}

asio::awaitable<void> lane::park(ticket mine) {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(boost::system::error_code)>(
      [this, mine](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
          slot.assign([this, mine](asio::cancellation_type) {
            complete(mine, asio::error::operation_aborted);
          });
        }
        if (state_ == state::dead) return;
        parked_.emplace(mine, [handler = std::move(handler)](auto outcome) mutable {
          auto where = asio::get_associated_executor(handler);
          asio::post(where, asio::append(std::move(handler), outcome));
        });
      },
      asio::use_awaitable);
}

bool lane::wake(ticket whose) {
  return complete(whose, {});
}

bool lane::complete(ticket whose, boost::system::error_code outcome) {
  auto found = parked_.find(whose);
  if (found == parked_.end()) return false;
  auto handler = std::move(found->second);
  parked_.erase(found);
  handler(outcome);
  return true;
}

}  // namespace nine::simulation
