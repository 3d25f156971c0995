#include "ninelives/model_simulator/commit_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "ninelives/base/utf8.hpp"

namespace nine::model_simulator {
namespace {

constexpr std::size_t files_listed_most = 10;
constexpr std::size_t files_read_most = 10'000;

struct changed_file {
  std::string path{};
  std::size_t added = 0;
  std::size_t removed = 0;
  bool is_new = false;
  bool is_gone = false;
  bool is_moved = false;
};

/// "diff --git a/old b/new": the new name.
std::string path_of(std::string_view header) {
  const auto place = header.rfind(" b/");
  return std::string(place == std::string_view::npos ? header : header.substr(place + 3));
}

void count_line(changed_file& file, std::string_view line) {
  if (line.starts_with("new file")) file.is_new = true;
  if (line.starts_with("deleted file")) file.is_gone = true;
  if (line.starts_with("rename from")) file.is_moved = true;
  if (line.starts_with("+++") || line.starts_with("---")) return;
  if (line.starts_with('+')) ++file.added;
  if (line.starts_with('-')) ++file.removed;
}

std::vector<changed_file> read_diff(std::string_view text) {
  constexpr std::string_view header = "diff --git ";
  std::vector<changed_file> files;
  while (!text.empty() && files.size() < files_read_most) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    if (line.starts_with(header)) {
      files.push_back({.path = path_of(line.substr(header.size()))});
    } else if (!files.empty()) {
      count_line(files.back(), line);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return files;
}

std::string_view verb_for(const std::vector<changed_file>& files) {
  std::size_t added = 0;
  std::size_t removed = 0;
  for (const auto& file : files) {
    added += file.added;
    removed += file.removed;
  }
  if (std::ranges::all_of(files, &changed_file::is_new)) return "Add";
  if (std::ranges::all_of(files, &changed_file::is_gone)) return "Remove";
  if (std::ranges::all_of(files, &changed_file::is_moved)) return "Move";
  if (added > 3 * removed) return "Extend";
  if (removed > 3 * added) return "Trim";
  return "Revise";
}

std::string_view name_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// The longest directory that all files are in; empty when they share none.
std::string_view common_directory(const std::vector<changed_file>& files) {
  std::string_view common = files.front().path;
  common = common.substr(0, std::min(common.rfind('/'), common.size()));
  if (!files.front().path.contains('/')) return {};
  for (const auto& file : files) {
    while (!common.empty() && !file.path.starts_with(std::string(common) + "/")) {
      const auto slash = common.rfind('/');
      common = slash == std::string_view::npos ? std::string_view() : common.substr(0, slash);
    }
  }
  return common;
}

std::string subject_for(const std::vector<changed_file>& files) {
  const auto verb = verb_for(files);
  const auto directory = common_directory(files);
  const auto with_directory = [&](std::string subject) {
    const auto whole = fmt::format("{} in {}", subject, directory);
    return directory.empty() || whole.size() > subject_bytes_most ? subject : whole;
  };
  if (files.size() == 1) return with_directory(fmt::format("{} {}", verb, name_of(files[0].path)));
  if (files.size() == 2) {
    return with_directory(
        fmt::format("{} {} and {}", verb, name_of(files[0].path), name_of(files[1].path)));
  }
  return with_directory(
      fmt::format("{} {} and {} more files", verb, name_of(files[0].path), files.size() - 1));
}

}  // namespace

std::string commit_message_for(std::string_view prompt) {
  const auto files = read_diff(prompt);
  if (files.empty()) return "Update the working tree";
  const auto subject = subject_for(files);
  std::string message(utf8_prefix(subject, subject_bytes_most));
  message += "\n";
  for (std::size_t i = 0; i < std::min(files.size(), files_listed_most); ++i) {
    message += fmt::format("\n- {}: {} lines added, {} removed", files[i].path, files[i].added,
                           files[i].removed);
  }
  if (files.size() > files_listed_most) {
    message += fmt::format("\n- and {} more files", files.size() - files_listed_most);
  }
  return message;
}

}  // namespace nine::model_simulator
