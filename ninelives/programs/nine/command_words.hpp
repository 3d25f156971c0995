#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ninelives/base/result.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace nine::programs {

/// What stands behind "--" in the words of `nine run`: the agent's command. Other commands have
/// none. Error: invalid_argument, "--" with nothing behind it.
result<std::vector<std::string>> take_agent_command(std::vector<std::string>& arguments);

/// "'run' has no option '--agnet'; did you mean '--agent'?"
std::string unknown_option(const CLI::App& app, const std::string& word);

/// What is wrong with the words, when one of them names no command or no option, or when a text was
/// not put in quotes. Empty: nothing that can be seen before they are parsed.
std::string unknown_word(CLI::App& root, const std::vector<std::string>& arguments);

}  // namespace nine::programs
