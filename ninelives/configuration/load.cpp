#include "ninelives/configuration/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "ninelives/configuration/nearest.hpp"
#include "ninelives/configuration/schema.hpp"

namespace nine::configuration {
namespace {

constexpr std::array<std::string_view, 5> home_sections{"limits", "supervision", "watchdog",
                                                        "journal", "log"};

void refuse_home_sections(const node& root, problem_list& problems) {
  for (const auto& entry : root.entries) {
    if (std::ranges::find(home_sections, entry.key) == home_sections.end()) continue;
    problems.add(entry.key_at,
                 fmt::format("'{}' concerns all projects; it belongs into nine.yaml in the home "
                             "directory of Ninelives",
                             entry.key));
  }
}

template <class Definition>
std::vector<std::string> names_of(const std::map<std::string, Definition>& definitions) {
  std::vector<std::string> names;
  for (const auto& [name, definition] : definitions)
    names.push_back(name);
  return names;
}

/// Reports a name that no layer defines, in the file that uses it.
void check_reference(const reference& used, const settings& all,
                     std::map<std::string, problem_list>& problems) {
  const auto known = used.section == "agents" ? names_of(all.agents) : names_of(all.models);
  if (std::ranges::find(known, used.name) != known.end()) return;
  problems.at(used.file).add(
      used.at, fmt::format("{}: {} is not one of '{}'{}", used.path, quoted(used.name),
                           used.section, suggestion(used.name, known)));
}

/// The order of the layers, not of their names.
std::vector<problem> in_order(std::span<const layer> layers,
                              std::map<std::string, problem_list>& problems) {
  std::vector<problem> all;
  for (const auto& item : layers) {
    auto found = problems.at(item.name).take();
    all.insert(all.end(), std::make_move_iterator(found.begin()),
               std::make_move_iterator(found.end()));
  }
  return all;
}

}  // namespace

std::expected<settings, std::vector<problem>> load(std::span<const layer> layers) {
  settings all;
  reference_table references;
  std::map<std::string, problem_list> problems;
  bool readable = true;
  for (const auto& item : layers) {
    auto& found = problems.try_emplace(item.name, item.name).first->second;
    const auto root = parse_document(item.text, found);
    readable = readable && root != nullptr;
    if (root == nullptr) continue;
    if (item.kind == layer_kind::project) refuse_home_sections(*root, found);
    reader in(item.name, found, references);
    read_map(in, *root, all);
  }
  // Without all definitions known, an honest name would look undefined.
  if (readable) {
    for (const auto& [owner, used] : references) {
      for (const auto& one : used)
        check_reference(one, all, problems);
    }
  }
  auto wrong = in_order(layers, problems);
  if (!wrong.empty()) return std::unexpected(std::move(wrong));
  return all;
}

}  // namespace nine::configuration
