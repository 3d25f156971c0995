#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "ninelives/base/result.hpp"
#include "ninelives/supervision/shim_directory.hpp"
#include "ninelives/supervision/shim_surroundings.hpp"

namespace nine::supervision {

/// Beyond this, what still lives cannot be ended by us (stuck in the kernel, another user's); the
/// raised epoch fences it.
constexpr duration remains_end_within = 30s;

/// What is known of a dead shim's agent.
struct remains {
  shim_directory directory;
  std::string cgroup{};                   ///< empty: none is known
  environment::process_identity agent{};  ///< pid 0: none is known
};

/// Ends every process that a dead shim left behind: those in the cgroup, and the agent's family
/// (see process_picture), again and again until none is found, for they may fork meanwhile. Error
/// timed_out: some live on.
boost::asio::awaitable<result<void>> end_remains(std::shared_ptr<shim_surroundings> surroundings,
                                                 remains left);

}  // namespace nine::supervision
