#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/signal_set.hpp>
#include <initializer_list>

namespace nine::environment {

/// Signals to this process, one after the other. While it lives they no longer have their default
/// effect; signals that come while nobody waits are kept.
class signal_events {
 public:
  signal_events(const boost::asio::any_io_executor& executor, std::initializer_list<int> signals);

  /// The number of the next signal. Cancellation: operation_aborted.
  boost::asio::awaitable<int> next();

 private:
  boost::asio::signal_set signals_;
};

}  // namespace nine::environment
