#include "ninelives/configuration/reference.hpp"

#include <fmt/format.h>

#include "ninelives/configuration/schema.hpp"

namespace nine::configuration {
namespace {

constexpr std::string_view introduction = R"(# The configuration

This page is made from the tables that read nine.yaml (ninelives/configuration/schema_tables.cpp); a
test proves that it is up to date.

There are three layers; the later wins: what is built in, nine.yaml in the home directory of Ninelives,
and the project's nine.yaml, which is looked for from the working directory upwards. A definition (an
agent, a model, a task type) replaces the one of the same name whole; in the other sections a file
changes the keys it sets. A task keeps the configuration it was accepted with.

A file is checked whole before any of it holds. Every mistake is told with file, line, column, what is
wrong and what would be right, up to 20 at once. Unknown keys and keys that stand twice are refused.
Keys of models never stand in a file: name the environment variable that holds them.

- **duration**: a whole number with `ms`, `s`, `m`, `h` or `d`, such as `500ms`, `30s`, `5m`, `1h`, `7d`
- **size**: a whole number with `B`, `KiB`, `MiB` or `GiB`, such as `16MiB`
- **command**: a list of words, `[npm, test]`, or one text for `/bin/sh -c`, `npm test | tee log`

```yaml
)";

constexpr std::string_view example = R"(agents:
  codex:
    command: [codex, exec, "{prompt}"]
    environment: {pass: [OPENAI_API_KEY]}
    timeout: 20m
  script:
    command: ./agent.sh
    prompt: stdin
    result: {file: out/result.md}
  writer: {kind: model, model: local, needs: [model]}
models:
  local: {base_url: "http://127.0.0.1:8080/v1", model: small, api_key_variable: LOCAL_KEY}
tasks:
  release-notes:
    prompt: Write the release notes for these commits.
    input: {command: [git, log, --oneline, -20]}
    ladder: [writer, codex]
    validate: [non_empty, {not_copy_of_input: 0.85}]
    gates: [npm test]
    retries: 2
defaults: {agent: codex}
)";

/// In a cell of a table a '|' would begin the next one.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) {
  return text.empty() ? std::string() : fmt::format("`{}`", text);
}

std::string to_line(const documentation_row& row) {
  const auto shown = row.default_text == "required" ? row.default_text : code(row.default_text);
  return fmt::format("| `{}` | {} | {} | {} | {} |\n", row.key, row.type, shown, cell(row.range),
                     cell(row.sentence));
}

}  // namespace

std::string_view reference_example() {
  return example;
}

std::string reference_markdown() {
  auto page = std::string(introduction) + std::string(example) + "```\n";
  const settings defaults;
  for (const auto& section : schema_of<settings>().fields) {
    page += fmt::format("\n## {}\n\n{}\n\n", section.name, section.sentence);
    page += "| key | what | default | allowed | |\n|---|---|---|---|---|\n";
    for (auto row : section.rows(defaults)) {
      row.key = row.key.substr(section.name.size() + 1);
      page += to_line(row);
    }
  }
  return page;
}

}  // namespace nine::configuration
