#pragma once

#include <memory>
#include <string>

#include "drill/home.hpp"

namespace nine::drill {

/// Starts a script of /bin/sh in the home's workspace, where `nine` is the shipped program and
/// talks to this home: for what needs pipes, descriptors or other programs around it.
std::unique_ptr<running_program> start_shell(const home& place, const std::string& script);

/// The same, to its end.
outcome shell(const home& place, const std::string& script);

}  // namespace nine::drill
