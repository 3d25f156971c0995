#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/home/home_layout.hpp"

namespace nine::home {

/// A core that can do nothing with a home (its journal is of a newer version, or damaged) says so
/// here before it ends. Trying again is no use until a person has acted: the guard ends too, and
/// whoever waits reads why. Whoever starts the home anew clears it first.

/// One message for people.
result<void> write_refusal(environment::files& files, const home_layout& layout,
                           std::string_view message);

/// The message, if the home was refused. One that cannot be read counts as none.
std::optional<std::string> find_refusal(environment::files& files, const home_layout& layout);

void clear_refusal(environment::files& files, const home_layout& layout);

}  // namespace nine::home
