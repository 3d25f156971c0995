#pragma once

#include <string>
#include <vector>

namespace nine::drill {

/// Lines of a log in which a program says that it is broken: a sanitizer's report, a broken
/// invariant, an exception that nobody caught.
std::vector<std::string> defects_in(const std::string& log);

/// Endings of the core in the guard's log that nobody asked for. Asked for are those by KILL and
/// TERM (tests send them), by a stop, by a newer core; and those like one of `expected` ("signal
/// 6", "exit code 1").
std::vector<std::string> unexpected_endings(const std::string& guard_log,
                                            const std::vector<std::string>& expected);

/// Both, of all logs of the home at `root`, and of what sanitizers left there
/// (cmake/sanitizer_reports.cpp).
std::vector<std::string> complaints_of(const std::string& root,
                                       const std::vector<std::string>& expected);

}  // namespace nine::drill
