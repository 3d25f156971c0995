#pragma once

#include <string>
#include <string_view>

namespace nine::command_line {

/// One printable line that fits into so many columns, a character counted as one; what is cut off
/// is marked by "...".
std::string cut_line(std::string_view text, std::size_t columns);

}  // namespace nine::command_line
