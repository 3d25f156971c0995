#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>

#include "ninelives/environment/environment.hpp"

namespace nine::demo {

struct victim {
  std::string role;  ///< guard, core, shim, agent
  std::int32_t pid = 0;
  std::string child;  ///< of a shim or an agent
};

/// Picks whom to kill next among the processes that `nine status --json` lists: agents most, then
/// shims, core, guard. Pure; `draw` is a uniform 64-bit number. None when there is nobody.
std::optional<victim> choose_victim(const boost::json::object& status, std::uint64_t draw);

}  // namespace nine::demo
