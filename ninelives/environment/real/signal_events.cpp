#include "ninelives/environment/real/signal_events.hpp"

#include <boost/asio/use_awaitable.hpp>

namespace nine::environment {

signal_events::signal_events(const boost::asio::any_io_executor& executor,
                             std::initializer_list<int> signals)
    : signals_(executor) {
  for (const int number : signals)
    signals_.add(number);
}

boost::asio::awaitable<int> signal_events::next() {
  co_return co_await signals_.async_wait(boost::asio::use_awaitable);
}

}  // namespace nine::environment
