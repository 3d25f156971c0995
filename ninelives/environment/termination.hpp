#pragma once

#include <boost/asio/awaitable.hpp>

namespace nine::environment {

/// The wish from outside that this process ends in good order (SIGTERM, SIGINT).
class termination {
 public:
  virtual ~termination() = default;

  /// Completes when it was asked for, at once when that has happened already; more than once when
  /// asked again (a person who presses Ctrl-C twice). Cancellable. One waiter at a time.
  virtual boost::asio::awaitable<void> requested() = 0;
};

}  // namespace nine::environment
