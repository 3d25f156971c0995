#pragma once

#include <string>
#include <string_view>

namespace nine::journal {

/// "sha256-" and 64 hexadecimal digits: the name of a content (FIPS 180-4).
std::string digest_of(std::string_view content);

bool is_digest(std::string_view text);

}  // namespace nine::journal
