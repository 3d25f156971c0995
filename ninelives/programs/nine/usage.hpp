#pragma once

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace nine::programs {

/// Prints the help that was asked for, or what is wrong with the words; returns the exit code. Not
/// through the streams of the library, for this program ends without flushing any.
int tell_usage(const CLI::App& app, const CLI::ParseError& problem);

}  // namespace nine::programs
