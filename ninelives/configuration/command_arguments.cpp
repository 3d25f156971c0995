#include "ninelives/configuration/command_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace nine::configuration {
namespace {

struct placeholder {
  std::string_view name;
  std::string_view shell_variable;
  std::string placeholder_values::* value;
};
constexpr std::array<placeholder, 3> placeholders{{
    {placeholder_names[0], "nine_prompt", &placeholder_values::prompt},
    {placeholder_names[1], "nine_prompt_file", &placeholder_values::prompt_file},
    {placeholder_names[2], "nine_workspace", &placeholder_values::workspace},
}};

const placeholder* placeholder_at(std::string_view text) {
  const auto found = std::ranges::find_if(
      placeholders, [&](const placeholder& item) { return text.starts_with(item.name); });
  return found == placeholders.end() ? nullptr : &*found;
}

/// In one pass, so that a placeholder inside a prompt stays what it is.
std::string fill_in(std::string_view word, const placeholder_values& values) {
  std::string filled;
  while (!word.empty()) {
    const auto* found = placeholder_at(word);
    filled += found != nullptr ? std::string_view(values.*found->value) : word.substr(0, 1);
    word.remove_prefix(found != nullptr ? found->name.size() : 1);
  }
  return filled;
}

/// Follows the quotes of a text for the shell, so that a placeholder can be put in as one word.
/// Nested quotes, as in "$(a "b")", may be judged wrongly; then a value is split into words at
/// worst, for the shell never reads the values themselves as commands.
class quote_tracker {
 public:
  void step(char c) {
    const bool escaped = std::exchange(escaped_, false);
    if (escaped) return;
    if (c == '\\' && open_ != '\'') {
      escaped_ = true;
    } else if (open_ == c) {
      open_ = 0;
    } else if (open_ == 0 && (c == '\'' || c == '"')) {
      open_ = c;
    }
  }

  std::string put_in(std::string_view variable) const {
    if (open_ == '"') return fmt::format("${{{}}}", variable);
    if (open_ == '\'') return fmt::format("'\"${{{}}}\"'", variable);
    return fmt::format("\"${{{}}}\"", variable);
  }

 private:
  char open_ = 0;
  bool escaped_ = false;
};

/// `/bin/sh -c TEXT nine VALUE...`, where TEXT first gives the values their names.
std::vector<std::string> fill_in_shell(std::string_view text, const placeholder_values& values) {
  std::string body;
  std::vector<const placeholder*> used;
  quote_tracker quotes;
  while (!text.empty()) {
    const auto* found = placeholder_at(text);
    if (found == nullptr) {
      quotes.step(text.front());
      body += text.front();
      text.remove_prefix(1);
      continue;
    }
    body += quotes.put_in(found->shell_variable);
    if (std::ranges::find(used, found) == used.end()) used.push_back(found);
    text.remove_prefix(found->name.size());
  }
  std::vector<std::string> arguments{"/bin/sh", "-c", {}, "nine"};
  for (const auto* item : used) {
    arguments[2] += fmt::format("{}=$1; shift; ", item->shell_variable);
    arguments.push_back(values.*item->value);
  }
  arguments[2] += body;
  if (used.empty()) arguments.pop_back();
  return arguments;
}

bool mentions_prompt(const command_line& command) {
  return std::ranges::any_of(command.words, [](const std::string& word) {
    return word.find("{prompt}") != std::string::npos ||
           word.find("{prompt_file}") != std::string::npos;
  });
}

void append(command_line& command, std::string_view placeholder) {
  if (command.shell) {
    command.words[0] += " " + std::string(placeholder);
  } else {
    command.words.emplace_back(placeholder);
  }
}

result<void> check_argument(const std::string& argument) {
  constexpr std::string_view instead =
      "give the prompt by {prompt_file}, 'prompt: stdin' or 'prompt: file'";
  if (argument.size() > argument_bytes_most) {
    return fail(error_code::too_large,
                fmt::format("an argument of {} bytes does not fit on a command line (at most {}); "
                            "{}",
                            argument.size(), argument_bytes_most, instead));
  }
  if (argument.find('\0') != std::string::npos) {
    return fail(
        error_code::invalid_argument,
        fmt::format("an argument with a zero byte cannot stand on a command line; {}", instead));
  }
  return {};
}

}  // namespace

result<std::vector<std::string>> expand(const command_line& command,
                                        const placeholder_values& values) {
  std::vector<std::string> arguments;
  if (command.shell) {
    arguments = fill_in_shell(command.words[0], values);
  } else {
    for (const auto& word : command.words)
      arguments.push_back(fill_in(word, values));
  }
  for (const auto& argument : arguments)
    NINE_TRY(check_argument(argument));
  return arguments;
}

result<expanded_command> expand(const agent& definition, const placeholder_values& values) {
  auto command = definition.command;
  expanded_command made;
  if (!mentions_prompt(command)) {
    made.prompt_on_standard_input = definition.prompt == prompt_channel::standard_input;
    if (definition.prompt == prompt_channel::argument) append(command, "{prompt}");
    if (definition.prompt == prompt_channel::file) append(command, "{prompt_file}");
  }
  NINE_TRY_ASSIGN(made.arguments, expand(command, values));
  return made;
}

}  // namespace nine::configuration
