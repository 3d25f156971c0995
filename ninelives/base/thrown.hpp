#pragma once

#include <exception>
#include <string>

namespace nine {

/// What was thrown, in one line, for whoever can only tell it and end. Not for null.
std::string describe_thrown(const std::exception_ptr& thrown);

}  // namespace nine
