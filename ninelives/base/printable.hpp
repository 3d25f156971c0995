#pragma once

#include <string>
#include <string_view>

/// Words of others on the way to a person: a terminal obeys control characters, and who reads a
/// line expects one line.
namespace nine {

/// The text with each control character (C0 but tab and line feed, DEL, C1) shown as "\x1b", and
/// each byte that is no UTF-8 as U+FFFD.
std::string printable(std::string_view text);

/// The same in one line: tabs and the ends of lines become blanks.
std::string printable_line(std::string_view text);

}  // namespace nine
