#include "ninelives/programs/nine/command_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "ninelives/configuration/nearest.hpp"

namespace nine::programs {
namespace {

std::vector<CLI::App*> commands_of(CLI::App& app) {
  return app.get_subcommands([](CLI::App*) { return true; });
}

std::string unknown_command(CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  for (const auto* below : commands_of(app))
    known.push_back(below->get_name());
  return fmt::format("there is no command '{}'{}; 'nine --help' lists all", word,
                     configuration::suggestion(word, known));
}

/// A text of several words that the shell has taken apart.
std::string without_quotes(const CLI::App& app, const std::vector<std::string>& words) {
  if (app.get_name() != "run" || words.size() < 2) return "";
  return fmt::format("the text of a task is one argument: nine run \"{}\"", fmt::join(words, " "));
}

}  // namespace

result<std::vector<std::string>> take_agent_command(std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front() != "run") return std::vector<std::string>();
  const auto dashes = std::ranges::find(arguments, "--");
  if (dashes == arguments.end()) return std::vector<std::string>();
  std::vector<std::string> words(dashes + 1, arguments.end());
  arguments.erase(dashes, arguments.end());
  if (!words.empty()) return words;
  return fail(error_code::invalid_argument,
              "there is no program behind '--'; 'nine run --help' tells how");
}

std::string unknown_option(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  for (const auto* option : app.get_options()) {
    if (!option->get_lnames().empty()) known.push_back("--" + option->get_lnames().front());
  }
  return fmt::format("'{}' has no option '{}'{}", app.get_name(), word,
                     configuration::suggestion(word, known));
}

std::string unknown_word(CLI::App& root, const std::vector<std::string>& arguments) {
  auto* app = &root;
  bool is_value = false;
  std::vector<std::string> plain;
  for (const auto& word : arguments) {
    if (std::exchange(is_value, false)) continue;
    const auto name = word.substr(0, word.find('='));
    if (word.size() > 1 && word.starts_with('-')) {
      const auto* option = app->get_option_no_throw(name);
      if (option == nullptr && word.starts_with("--")) return unknown_option(*app, name);
      is_value = option && option->get_items_expected_max() > 0 && name == word;
      continue;
    }
    const auto below = commands_of(*app);
    const auto found = std::ranges::find(below, word, &CLI::App::get_name);
    if (below.empty()) {
      plain.push_back(word);
      continue;
    }
    if (found == below.end()) return unknown_command(*app, word);
    app = *found;
  }
  return without_quotes(*app, plain);
}

}  // namespace nine::programs
