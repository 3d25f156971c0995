#include "ninelives/orchestration/task_files.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "ninelives/environment/rotated_file.hpp"
#include "ninelives/orchestration/judgement.hpp"

namespace nine::orchestration {
namespace {

constexpr bytes environment_bytes_most = 4 * MiB;
constexpr bytes prompt_bytes_most = 64 * MiB;

/// Of a name that of_incarnation() gives, or of its rotated file.
std::optional<epoch> incarnation_of_output(std::string_view name) {
  constexpr std::string_view mark = ".e";
  const auto found = name.find(mark);
  if (found == std::string_view::npos) return std::nullopt;
  const auto rest = name.substr(found + mark.size());
  std::int64_t number = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  const std::string_view ending(parsed.ptr, rest.data() + rest.size());
  const bool output = ending.starts_with(".out") || ending.starts_with(".err");
  return parsed.ec == std::errc() && output ? std::optional(epoch(number)) : std::nullopt;
}

}  // namespace

std::string encode_variables(const variables& values) {
  std::string text;
  for (const auto& [name, value] : values)
    text += name + "=" + value + '\0';
  return text;
}

result<variables> decode_variables(std::string_view text) {
  variables values;
  while (!text.empty()) {
    const auto end = text.find('\0');
    const auto entry = text.substr(0, end);
    const auto equals = entry.find('=');
    if (end == std::string_view::npos || equals == std::string_view::npos || equals == 0) {
      return fail(error_code::corrupted,
                  "an environment file holds something else than NAME=value");
    }
    values[std::string(entry.substr(0, equals))] = entry.substr(equals + 1);
    text.remove_prefix(end + 1);
  }
  return values;
}

std::filesystem::path task_files::prompt(task_id task, attempt_number attempt) const {
  return directory(task) / fmt::format("a{}.prompt", attempt.value());
}

incarnation_files task_files::of_incarnation(task_id task, std::string_view child,
                                             epoch incarnation) const {
  const auto short_name = child.substr(child.find('.') + 1);
  const auto stem = fmt::format("{}.e{}", short_name, incarnation.value());
  return {directory(task) / (stem + ".out"), directory(task) / (stem + ".err")};
}

result<std::vector<task_id>> task_files::list(task_id last) {
  std::vector<task_id> tasks;
  NINE_TRY_ASSIGN(const auto names, files_.list(root_));
  for (const auto& name : names) {
    const auto task = parse_task_id(name);
    if (task && *task <= last && to_string(*task) == name) tasks.push_back(*task);
  }
  return tasks;
}

/// An earlier core may have died before the task of this number was accepted, and left something.
result<void> task_files::create(task_id task, const variables& caller) {
  NINE_TRY(remove(task));
  NINE_TRY(files_.make_directory(directory(task)));
  return files_.write_durably(environment(task), seal_.seal(encode_variables(caller)));
}

result<void> task_files::clear_outputs_above(task_id task, epoch last) {
  NINE_TRY(fence_.check());
  NINE_TRY_ASSIGN(const auto names, files_.list(directory(task)));
  for (const auto& name : names) {
    const auto incarnation = incarnation_of_output(name);
    if (incarnation && *incarnation > last) NINE_TRY(files_.remove(directory(task) / name));
  }
  return {};
}

result<void> task_files::write_prompt(task_id task, attempt_number attempt,
                                      std::string_view prompt_text) {
  NINE_TRY(fence_.check());
  return files_.write_durably(prompt(task, attempt), prompt_text);
}

result<void> task_files::remove(task_id task) {
  NINE_TRY(fence_.check());
  return files_.remove(directory(task));
}

result<std::string> task_files::read_prompt(task_id task, attempt_number attempt) {
  return files_.read(prompt(task, attempt), prompt_bytes_most);
}

result<variables> task_files::read_environment(task_id task) {
  const auto file = environment(task);
  NINE_TRY_ASSIGN(const std::string sealed, files_.read(file, environment_bytes_most));
  const auto text = seal_.open(sealed);
  if (!text) return with_context(file.string(), text.error());
  return decode_variables(*text);
}

result<std::string> task_files::read_output(const std::filesystem::path& file, bytes limit,
                                            bytes lost) {
  if (lost > 0) {
    return fail(
        error_code::corrupted,
        fmt::format("{} bytes of its output could not be written: is the disk full?", lost));
  }
  if (files_.information(environment::rotated(file))) {
    return fail(error_code::too_large,
                fmt::format("the output is larger than its log ({})", file.filename().string()));
  }
  auto text = files_.read(file, limit);
  const bool nothing_written = !text && text.error().code == error_code::not_found;
  if (nothing_written) return std::string();
  if (!text && text.error().code == error_code::too_large) {
    return fail(error_code::too_large, fmt::format("the result has more than {} bytes", limit));
  }
  return text;
}

result<std::string> task_files::read_result(const std::filesystem::path& file, bytes limit,
                                            wall_time since) {
  // File systems keep times less exactly than clocks.
  constexpr duration imprecision = 2s;
  NINE_TRY_ASSIGN(const auto found, files_.information(file));
  if (found.modified + imprecision < since) {
    return fail(error_code::not_found,
                fmt::format("the result file {} is older than the task: nothing was delivered",
                            file.string()));
  }
  return files_.read(file, limit);
}

file_tail task_files::read_tail(const std::filesystem::path& file, bytes limit) {
  const auto information = files_.information(file);
  if (!information) return {};
  const auto from = information->size > limit ? information->size - limit : 0;
  return {files_.read_range(file, from, limit).value_or(""), from};
}

}  // namespace nine::orchestration
