#include "ninelives/environment/real/real_termination.hpp"

#include <csignal>

namespace nine::environment {

real_termination::real_termination(const boost::asio::any_io_executor& executor)
    : signals_(executor, {SIGTERM, SIGINT}) {}

boost::asio::awaitable<void> real_termination::requested() {
  co_await signals_.next();
}

}  // namespace nine::environment
