#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ninelives/supervision/shim/protocol.hpp"

/// What a shim leaves in DIR/exit of endings that nobody acknowledged yet, one line each, so that
/// an exit that was seen is not lost should the shim be killed.
namespace nine::supervision::shim {

using kept_ending = std::variant<exited, start_failed>;

/// One line, its newline included. Control characters in messages become blanks.
std::string format_ending(const kept_ending& what);

/// The endings of a file, in its order. A line cut short by a power loss, or damaged, is left out.
std::vector<kept_ending> parse_endings(std::string_view text);

}  // namespace nine::supervision::shim
