#pragma once

#include <string>
#include <vector>

#include "ninelives/environment/files.hpp"
#include "ninelives/home/home_layout.hpp"

namespace nine::demo {

/// What the processes of a home have left in their logs that no kill explains: a broken invariant,
/// or what a sanitizer found. One line each.
std::vector<std::string> complaints_in_logs(environment::files& files,
                                            const home::home_layout& layout);

}  // namespace nine::demo
