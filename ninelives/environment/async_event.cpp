#include "ninelives/environment/async_event.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace nine::environment {
namespace asio = boost::asio;
using boost::system::error_code;

async_event::~async_event() {
  resume_all(asio::error::operation_aborted);
}

void async_event::notify_all() {
  resume_all({});
}

void async_event::resume_all(error_code why) {
  list taken;
  taken.swap(*waiters_);
  for (resume& one : taken)
    one(why);
}

/// Takes the wait out of its list; does nothing when it has ended already.
class async_event::cancel_wait {
 public:
  cancel_wait(std::weak_ptr<list> waiters, std::weak_ptr<list::iterator> place)
      : waiters_(std::move(waiters)), place_(std::move(place)) {}

  void operator()(asio::cancellation_type) const {
    const auto waiters = waiters_.lock();
    const auto place = place_.lock();
    if (!waiters || !place) return;
    list cancelled;
    cancelled.splice(cancelled.begin(), *waiters, *place);
    cancelled.front()(asio::error::operation_aborted);
  }

 private:
  std::weak_ptr<list> waiters_;
  std::weak_ptr<list::iterator> place_;
};

template <class Handler>
void async_event::enrol(const std::shared_ptr<list>& waiters, Handler handler) {
  const auto executor = asio::get_associated_executor(handler);
  auto slot = asio::get_associated_cancellation_slot(handler);
  auto place = std::make_shared<list::iterator>();  // lives as long as the wait
  waiters->push_back([executor, place, handler = std::move(handler)](error_code why) mutable {
    place.reset();
    asio::post(executor, [why, handler = std::move(handler)]() mutable { handler(why); });
  });
  *place = std::prev(waiters->end());
  if (slot.is_connected()) slot.assign(cancel_wait(waiters, place));
}

asio::awaitable<void> async_event::wait() {
  auto initiate = [waiters = waiters_](auto handler) { enrol(waiters, std::move(handler)); };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(error_code)>(
      std::move(initiate), asio::use_awaitable);
}

}  // namespace nine::environment
