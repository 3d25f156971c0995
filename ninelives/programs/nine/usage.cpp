#include "ninelives/programs/nine/usage.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>

#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/environment/real/this_program.hpp"

namespace nine::programs {
namespace {

/// The words that chose it, such as "nine task show".
std::string command_of(const CLI::App& root) {
  std::string words = root.get_name();
  auto chosen = root.get_subcommands();
  while (!chosen.empty()) {
    words += ' ' + chosen.front()->get_name();
    chosen = chosen.front()->get_subcommands();
  }
  return words;
}

}  // namespace

int tell_usage(const CLI::App& app, const CLI::ParseError& problem) {
  if (problem.get_exit_code() != static_cast<int>(CLI::ExitCodes::Success)) {
    environment::write_to(
        2, fmt::format("nine: {}; '{} --help' tells how\n", problem.what(), command_of(app)));
    return command_line::exit_usage;
  }
  std::ostringstream help;
  app.exit(problem, help, help);
  environment::write_to(1, help.str());
  return command_line::exit_succeeded;
}

}  // namespace nine::programs
