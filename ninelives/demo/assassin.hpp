#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace nine::demo {

struct victim {
  std::string role;  ///< guard, core, shim, agent
  std::int32_t pid = 0;
  std::string child;  ///< of a shim or an agent
};

/// Whom the first kills fall on, one each: those first that are there only while tasks are done.
constexpr std::array<std::string_view, 4> roles_in_turn{"agent", "shim", "core", "guard"};

/// On which role a later kill falls: agents most, then shims, core, guard. `draw` is a uniform
/// 64-bit number.
std::string_view drawn_role(std::uint64_t draw);

/// Picks one of the processes of this role that `nine status --json` lists. None when there is
/// nobody. Pure.
std::optional<victim> choose_victim(const boost::json::object& status, std::string_view role,
                                    std::uint64_t draw);

}  // namespace nine::demo
