#pragma once

#include <optional>
#include <string_view>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace nine::programs {

/// Prints a result. What cannot be written ends the program: a reader that has gone quietly, all
/// else with the reason.
void print_result(std::string_view text);

/// Prints the help that was asked for, or what is wrong with the words; returns the exit code. Not
/// through the streams of the library, for this program ends without flushing any.
int tell_usage(const CLI::App& app, const CLI::ParseError& problem);

/// For programs that are started by others and take no arguments: answers those they were given all
/// the same, with the exit code. `about` is what --help tells.
std::optional<int> answer_arguments(std::string_view program, std::string_view about, int argc,
                                    char** argv);

}  // namespace nine::programs
