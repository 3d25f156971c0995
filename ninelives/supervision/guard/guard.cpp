#include "ninelives/supervision/guard/guard.hpp"

#include <memory>
#include <utility>

#include "ninelives/supervision/guard/guard_driver.hpp"

namespace nine::supervision::guard {

boost::asio::awaitable<guard_end> run(guard_options options, guard_seams seams) {
  const auto driver = std::make_shared<guard_driver>(std::move(options), seams);
  const int code = co_await driver->run();
  co_return guard_end{code, driver->take_lock()};
}

}  // namespace nine::supervision::guard
