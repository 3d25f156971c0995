#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nine {

/// Length of the UTF-8 sequence at the start of `text` (RFC 3629); 0 when there is none: an empty
/// text, a stray or cut sequence, an overlong form, a surrogate, a value past U+10FFFF.
std::size_t utf8_sequence_length(std::string_view text);

/// The longest beginning of at most `bytes_most` bytes that cuts no UTF-8 sequence in two.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_most);

bool is_utf8(std::string_view text);

/// The text with each byte that belongs to no UTF-8 sequence replaced by U+FFFD. For what goes into
/// JSON, which has no place for other bytes.
std::string as_utf8(std::string text);

}  // namespace nine
