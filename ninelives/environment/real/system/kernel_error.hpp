#pragma once

#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"

namespace nine::environment::system {

/// The kind of error an errno value stands for.
error_code code_of(int error_number);

/// "No such file or directory"
std::string text_of(int error_number);

/// "what: No such file or directory", with the code that fits.
std::unexpected<error> kernel_failure(int error_number, std::string_view what);

}  // namespace nine::environment::system
