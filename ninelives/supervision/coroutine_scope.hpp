#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <cstdint>
#include <map>
#include <memory>

namespace nine::supervision {

/// Coroutines that end together: cancel() ends each at its next suspension, and none is begun after
/// it. What a coroutine refers to must live until it has ended; let it own that. An exception other
/// than by cancellation is our defect and ends the program.
///
/// Thread: that of the executor.
class coroutine_scope {
 public:
  explicit coroutine_scope(boost::asio::any_io_executor executor);
  ~coroutine_scope() { cancel(); }
  coroutine_scope(const coroutine_scope&) = delete;
  coroutine_scope& operator=(const coroutine_scope&) = delete;

  void spawn(boost::asio::awaitable<void> work);
  void cancel();
  bool cancelled() const { return state_->cancelled; }

 private:
  struct state {
    bool cancelled = false;
    std::uint64_t next = 0;
    std::map<std::uint64_t, std::shared_ptr<boost::asio::cancellation_signal>> running;
  };

  boost::asio::any_io_executor executor_;
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

}  // namespace nine::supervision
