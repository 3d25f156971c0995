#include <algorithm>
#include <array>

#include "ninelives/configuration/codecs.hpp"
#include "ninelives/configuration/command_arguments.hpp"

namespace nine::configuration {
namespace {

constexpr std::string_view command_expected = "a list of words or one text for the shell";

/// `{promt}` would otherwise reach the program as it stands. Other braces are nobody's business.
void refuse_misspelt_placeholder(reader& in, const node& from, std::string_view word) {
  for (auto open = word.find('{'); open != std::string_view::npos;
       open = word.find('{', open + 1)) {
    const auto close = word.find('}', open);
    if (close == std::string_view::npos) return;
    const auto name = word.substr(open, close - open + 1);
    for (const auto known : placeholder_names) {
      if (edit_distance(name, known) != 1) continue;
      in.refuse(from.at,
                fmt::format("{} is no placeholder; did you mean {}?", quoted(name), known));
    }
  }
}

void read_words(reader& in, const node& from, command_line& to) {
  const auto refusals = in.refusals();
  command_line made;
  list_of(text()).read(in, from, made.words);
  if (in.refusals() != refusals) return;
  if (made.words.empty() || made.words[0].empty()) {
    in.refuse(from.at, "a command needs at least the program's name");
    return;
  }
  for (const auto& word : made.words)
    refuse_misspelt_placeholder(in, from, word);
  to = std::move(made);
}

void read_command(reader& in, const node& from, command_line& to) {
  if (from.what == node::kind::sequence) {
    read_words(in, from, to);
    return;
  }
  const auto* line = expect_text(in, from, command_expected);
  if (line == nullptr) return;
  if (line->find_first_not_of(" \t\n") == std::string::npos) {
    in.refuse(from.at, fmt::format("the command is empty; write {}", command_expected));
    return;
  }
  refuse_misspelt_placeholder(in, from, *line);
  to = {.words = {*line}, .shell = true};
}

boost::json::value write_command(const command_line& from) {
  if (from.empty()) return nullptr;
  if (from.shell) return boost::json::value(from.words[0]);
  return boost::json::array(from.words.begin(), from.words.end());
}

/// The only entry of a map such as {file: PATH}; null after refusing anything else.
const node::entry* expect_single_key(reader& in, const node& from,
                                     const std::vector<std::string>& keys) {
  if (from.what != node::kind::map || from.entries.size() != 1) {
    in.refuse(from.at, "a map with one key is expected here" + suggestion("", keys));
    return nullptr;
  }
  if (std::ranges::find(keys, from.entries[0].key) == keys.end()) {
    refuse_key(in, from.entries[0], keys, {});
    return nullptr;
  }
  return &from.entries[0];
}

void read_result(reader& in, const node& from, result_source& to) {
  if (from.what != node::kind::map) {
    using kind = result_source::kind;
    result_source made;
    const auto refusals = in.refusals();
    one_of<kind>({{"stdout", kind::standard_output}, {"exit_code", kind::exit_code}})
        .read(in, from, made.from);
    if (in.refusals() == refusals) to = std::move(made);
    return;
  }
  const auto* entry = expect_single_key(in, from, {"file"});
  if (entry == nullptr) return;
  const auto inside = in.enter("file");
  result_source made{.from = result_source::kind::file, .path = {}};
  relative_path().read(in, *entry->value, made.path);
  if (!made.path.empty()) to = std::move(made);
}

boost::json::value write_result(const result_source& from) {
  switch (from.from) {
    case result_source::kind::standard_output:
      return "stdout";
    case result_source::kind::exit_code:
      return "exit_code";
    case result_source::kind::file:
      break;
  }
  return boost::json::object{{"file", from.path}};
}

const std::vector<std::string>& validation_names() {
  static const std::vector<std::string> names{"non_empty", "first_line_max", "not_copy_of_input"};
  return names;
}

void read_limited_validation(reader& in, const node::entry& entry, validation& to) {
  const auto inside = in.enter(entry.key);
  const auto refusals = in.refusals();
  validation made;
  if (entry.key == "first_line_max") {
    std::uint32_t characters = 0;
    whole_number(1, 10'000).read(in, *entry.value, characters);
    made = {validation::kind::first_line_max, static_cast<double>(characters)};
  } else {
    made.what = validation::kind::not_copy_of_input;
    number(0.01, 1).read(in, *entry.value, made.limit);
  }
  if (in.refusals() == refusals) to = made;
}

void read_validation(reader& in, const node& from, validation& to) {
  if (from.what == node::kind::scalar) {
    if (from.scalar == "non_empty") {
      to = {};
      return;
    }
    const bool needs_limit = std::ranges::count(validation_names(), from.scalar) > 0;
    in.refuse(from.at, needs_limit ? fmt::format("'{}' needs a number; write {{{}: NUMBER}}",
                                                 from.scalar, from.scalar)
                                   : quoted(from.scalar) + " is not known here" +
                                         suggestion(from.scalar, validation_names()));
    return;
  }
  const auto* entry = expect_single_key(in, from, {"first_line_max", "not_copy_of_input"});
  if (entry != nullptr) read_limited_validation(in, *entry, to);
}

boost::json::value write_validation(const validation& from) {
  switch (from.what) {
    case validation::kind::non_empty:
      return "non_empty";
    case validation::kind::first_line_max:
      return boost::json::object{{"first_line_max", static_cast<std::uint32_t>(from.limit)}};
    case validation::kind::not_copy_of_input:
      break;
  }
  return boost::json::object{{"not_copy_of_input", from.limit}};
}

}  // namespace

codec<command_line> command() {
  return {.type = "command",
          .range = "list of words, or text for `/bin/sh -c`",
          .read = read_command,
          .write = write_command};
}

codec<result_source> result_from() {
  return {.type = "word or map",
          .range = "stdout, exit_code, {file: PATH}",
          .read = read_result,
          .write = write_result};
}

codec<validation> validation_rule() {
  return {.type = "rule",
          .range = "non_empty, {first_line_max: 1 to 10000}, {not_copy_of_input: 0.01 to 1}",
          .read = read_validation,
          .write = write_validation};
}

}  // namespace nine::configuration
