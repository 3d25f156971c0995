#pragma once

#include <string>
#include <vector>

#include "ninelives/environment/files.hpp"
#include "ninelives/home/home_layout.hpp"

namespace nine::command_line {

/// The newest of these lines of the core's log that tells why it does not run: an error, or a dying
/// process's last words, behind the last good start. Errors of tasks are none. Empty: no such line.
std::string last_error_in(const std::vector<std::string>& lines);

/// The same of the home's core, from its log's end.
std::string last_core_error(environment::files& files, const home::home_layout& layout);

}  // namespace nine::command_line
