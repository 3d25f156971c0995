#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "ninelives/environment/real/signal_events.hpp"
#include "ninelives/environment/termination.hpp"

namespace nine::environment {

/// SIGTERM and SIGINT. While it lives these no longer end the process by themselves.
class real_termination : public termination {
 public:
  explicit real_termination(const boost::asio::any_io_executor& executor);

  boost::asio::awaitable<void> requested() override;

 private:
  signal_events signals_;
};

}  // namespace nine::environment
