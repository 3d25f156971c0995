#pragma once

#include <boost/asio/awaitable.hpp>

#include "ninelives/base/time.hpp"

namespace nine::environment {

/// The only source of time. Thread: any for now() and wall_now(); sleeping belongs to the caller's
/// executor.
class clock {
 public:
  virtual ~clock() = default;

  virtual monotonic_time now() const = 0;
  virtual wall_time wall_now() const = 0;

  /// Completes when `deadline` has passed; at once when it is past already. Cancellation (a lost
  /// `||`, an emitted signal) ends it early with the exception operation_aborted, as every Asio
  /// operation does.
  virtual boost::asio::awaitable<void> sleep_until(monotonic_time deadline) = 0;

  boost::asio::awaitable<void> sleep_for(duration wait) { return sleep_until(now() + wait); }
};

}  // namespace nine::environment
