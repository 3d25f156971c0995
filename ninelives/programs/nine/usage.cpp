#include "ninelives/programs/nine/usage.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>

#include "ninelives/base/printable.hpp"
#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/environment/real/this_program.hpp"
#include "ninelives/programs/nine/command_words.hpp"

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

/// The library's own message about a word too many does not say what may have been meant.
std::string message_of(const CLI::App& app, const CLI::ParseError& problem) {
  if (problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    for (const auto& word : app.remaining(true)) {
      if (word.starts_with("--")) return unknown_option(app, word.substr(0, word.find('=')));
    }
  }
  return problem.what();
}

}  // namespace

void print_result(std::string_view text) {
  const auto written = environment::write_all_to(1, text);
  if (written) return;
  if (written.error().code != error_code::unavailable) {
    environment::write_to(
        2, fmt::format("nine: cannot write the result: {}\n", written.error().message));
  }
  environment::exit_now(command_line::exit_failed);
}

int tell_usage(const CLI::App& app, const CLI::ParseError& problem) {
  if (problem.get_exit_code() != static_cast<int>(CLI::ExitCodes::Success)) {
    environment::write_to(2, fmt::format("nine: {}; '{} --help' tells how\n",
                                         printable(message_of(app, problem)), command_of(app)));
    return command_line::exit_usage;
  }
  std::ostringstream help;
  app.exit(problem, help, help);
  print_result(help.str());
  return command_line::exit_succeeded;
}

std::optional<int> answer_arguments(std::string_view program, std::string_view about, int argc,
                                    char** argv) {
  if (argc <= 2) return std::nullopt;
  const std::string_view first = argv[2];
  if (first == "--help" || first == "-h") {
    print_result(fmt::format("nine {}: {}\n", program, about));
    return command_line::exit_succeeded;
  }
  environment::write_to(
      2,
      fmt::format("nine: 'nine {0}' takes no arguments; 'nine {0} --help' tells what it is for\n",
                  program));
  return command_line::exit_usage;
}

}  // namespace nine::programs
