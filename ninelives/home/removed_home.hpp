#pragma once

#include <string_view>

#include "ninelives/environment/files.hpp"
#include "ninelives/home/home_layout.hpp"

namespace nine::home {

/// Whether somebody has removed the home with this key (see prepare_home.hpp), whatever stands in
/// its place now: then nobody can reach its processes any more, what they do is recorded nowhere,
/// and they must end. True only when it is known: what cannot be read counts as there.
bool is_removed(environment::files& files, const home_layout& layout, std::string_view key);

}  // namespace nine::home
