#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <list>
#include <memory>
#include <set>

namespace nine::environment {

/// Lets coroutines of one executor wait for something that others of the same executor bring about;
/// the counterpart of a condition variable. It remembers nothing: check the condition, wait, check
/// again. No coroutine runs inside notify_all(): all are resumed later, in order of their waiting.
///
/// Why not a channel: an event may be destroyed before, with or after the context of the coroutines
/// that wait, and a coroutine may wait in an event of the very object that it keeps alive: with its
/// context it is destroyed.
///
/// Thread: that of the coroutines' executor.
class async_event {
 public:
  async_event() = default;
  async_event(const async_event&) = delete;
  async_event& operator=(const async_event&) = delete;

  /// Ends every wait with operation_aborted.
  ~async_event();

  /// Completes at the next notify_all(). Cancellation ends it with operation_aborted.
  boost::asio::awaitable<void> wait();

  void notify_all();

  bool has_waiters() const { return !waits_->waiters.empty(); }

 private:
  using resume = std::move_only_function<void(boost::system::error_code)>;
  using list = std::list<resume>;
  class cancel_wait;
  class service;

  struct waits {
    list waiters;
    std::weak_ptr<std::set<waits*>> known_to;  ///< all of one context, while that lives

    waits() = default;
    waits(const waits&) = delete;
    waits& operator=(const waits&) = delete;
    ~waits();
  };

  template <class Handler>
  static void enrol(const std::shared_ptr<waits>& where, Handler handler);
  void resume_all(boost::system::error_code why);

  /// Shared, so that a cancellation that comes late finds out that the event is gone.
  std::shared_ptr<waits> waits_ = std::make_shared<waits>();
};

}  // namespace nine::environment
