#pragma once

#include <string>
#include <string_view>

namespace nine::demo {

/// A prompt with a diff, without most of its changed lines: of each file what it is called, what
/// happened to it, and the first lines of the change. Pure.
std::string condense(std::string_view prompt, std::size_t lines_of_a_file);

}  // namespace nine::demo
