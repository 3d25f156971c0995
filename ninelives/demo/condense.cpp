#include "ninelives/demo/condense.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nine::demo {

std::string condense(std::string_view prompt, std::size_t lines_of_a_file) {
  std::string kept;
  bool in_change = false;
  std::size_t lines = 0;
  const auto end_file = [&] {
    if (lines > lines_of_a_file) kept += fmt::format("({} lines more)\n", lines - lines_of_a_file);
    lines = 0;
  };
  while (!prompt.empty()) {
    const auto end = std::min(prompt.find('\n'), prompt.size());
    const auto line = prompt.substr(0, end);
    prompt.remove_prefix(std::min(end + 1, prompt.size()));
    if (line.starts_with("diff --")) {
      end_file();
      in_change = false;
    }
    if (line.starts_with("@@")) in_change = true;
    if (in_change && ++lines > lines_of_a_file) continue;
    kept.append(line).append("\n");
  }
  end_file();
  return kept;
}

}  // namespace nine::demo
