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

/// Ends every process that a dead shim left behind: those in its cgroup (empty: none is known) and
/// those that carry the agent's marker, again and again until none is found, for they may fork
/// meanwhile. Error timed_out: some live on.
boost::asio::awaitable<result<void>> end_remains(std::shared_ptr<shim_surroundings> surroundings,
                                                 shim_directory directory, std::string cgroup);

}  // namespace nine::supervision
