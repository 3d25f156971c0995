#include "ninelives/environment/async_event.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace nine::environment {
namespace asio = boost::asio;
using boost::system::error_code;

/// Knows the waits of one context and goes down with it. Coroutines that are parked in an event are
/// in none of the context's own queues: nobody else would destroy them.
class async_event::service final : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;

  explicit service(asio::execution_context& context) : asio::execution_context::service(context) {}

  void add(waits& one) {
    all_->insert(&one);
    one.known_to = all_;
  }

 private:
  void shutdown() override {
    while (!all_->empty()) {
      auto& waiters = (*all_->begin())->waiters;
      list destroyed;  // one at a time: it may take its event, and others, along
      if (waiters.empty()) {
        all_->erase(all_->begin());
      } else {
        destroyed.splice(destroyed.begin(), waiters, waiters.begin());
      }
    }
  }

  std::shared_ptr<std::set<waits*>> all_ = std::make_shared<std::set<waits*>>();
};

async_event::waits::~waits() {
  if (const auto all = known_to.lock()) all->erase(this);
}

async_event::~async_event() {
  resume_all(asio::error::operation_aborted);
}

void async_event::notify_all() {
  resume_all({});
}

void async_event::resume_all(error_code why) {
  list taken;
  taken.swap(waits_->waiters);
  for (resume& one : taken)
    one(why);
}

/// Takes the wait out of its list; does nothing when it has ended already.
class async_event::cancel_wait {
 public:
  cancel_wait(std::weak_ptr<waits> where, std::weak_ptr<list::iterator> place)
      : where_(std::move(where)), place_(std::move(place)) {}

  void operator()(asio::cancellation_type) const {
    const auto where = where_.lock();
    const auto place = place_.lock();
    if (!where || !place) return;
    list cancelled;
    cancelled.splice(cancelled.begin(), where->waiters, *place);
    cancelled.front()(asio::error::operation_aborted);
  }

 private:
  std::weak_ptr<waits> where_;
  std::weak_ptr<list::iterator> place_;
};

template <class Handler>
void async_event::enrol(const std::shared_ptr<waits>& where, Handler handler) {
  const auto executor = asio::get_associated_executor(handler);
  if (where->known_to.expired()) {
    asio::use_service<service>(asio::query(executor, asio::execution::context)).add(*where);
  }
  auto& waiters = where->waiters;
  auto slot = asio::get_associated_cancellation_slot(handler);
  auto place = std::make_shared<list::iterator>();  // lives as long as the wait
  // The place last, so that it is destroyed first: then no cancellation finds a wait half gone.
  waiters.push_back([executor, handler = std::move(handler), place](error_code why) mutable {
    place.reset();
    asio::post(executor, [why, handler = std::move(handler)]() mutable { handler(why); });
  });
  *place = std::prev(waiters.end());
  if (slot.is_connected()) slot.assign(cancel_wait(where, place));
}

asio::awaitable<void> async_event::wait() {
  auto initiate = [where = waits_](auto handler) { enrol(where, std::move(handler)); };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(error_code)>(
      std::move(initiate), asio::use_awaitable);
}

}  // namespace nine::environment
