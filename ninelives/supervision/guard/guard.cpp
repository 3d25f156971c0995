#include "ninelives/supervision/guard/guard.hpp"

#include <memory>
#include <utility>

#include "ninelives/supervision/guard/guard_driver.hpp"

namespace nine::supervision::guard {

boost::asio::awaitable<int> run(guard_options options, guard_seams seams) {
  const auto driver = std::make_shared<guard_driver>(std::move(options), seams);
  co_return co_await driver->run();
}

}  // namespace nine::supervision::guard
