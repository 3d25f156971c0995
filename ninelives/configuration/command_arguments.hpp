#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/configuration/settings.hpp"

namespace nine::configuration {

/// What may stand in a command; anything else in braces is left as it is.
constexpr std::array<std::string_view, 3> placeholder_names{"{prompt}", "{prompt_file}",
                                                            "{workspace}"};

/// What the placeholders stand for in one run.
struct placeholder_values {
  std::string prompt;
  std::string prompt_file;  ///< absolute path of a file that holds the prompt
  std::string workspace;    ///< absolute path
};

/// A program ready to start.
struct expanded_command {
  std::vector<std::string> arguments;  ///< [0] is looked up in PATH unless it has a '/'
  bool prompt_on_standard_input = false;

  bool operator==(const expanded_command&) const = default;
};

/// Linux's bound on one argument (MAX_ARG_STRLEN) less the ending zero byte.
constexpr std::size_t argument_bytes_most = 128 * 1024 - 1;

/// Fills in a command that has no prompt of its own, such as a gate or an input.
/// Errors: too_large, an argument is over argument_bytes_most; invalid_argument, it has a zero
/// byte.
result<std::vector<std::string>> expand(const command_line& command,
                                        const placeholder_values& values);

/// Fills in an agent's command. When it names neither {prompt} nor {prompt_file}, the prompt is
/// given as agent::prompt says: as a last argument, on standard input, or as a last argument that
/// names the file. In a text for the shell a placeholder becomes a quoted variable whose value is
/// handed over as an argument: the shell never reads a prompt as commands, however it is quoted.
/// Errors: too_large and invalid_argument, with what to configure instead.
result<expanded_command> expand(const agent& definition, const placeholder_values& values);

}  // namespace nine::configuration
