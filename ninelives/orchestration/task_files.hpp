#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/orchestration/launch.hpp"
#include "ninelives/orchestration/text_seal.hpp"
#include "ninelives/supervision/core_fence.hpp"

namespace nine::orchestration {

/// The end of a file.
struct file_tail {
  std::string text;
  bytes from = 0;  ///< which byte of the file it begins with
};

/// The files of a task, under HOME/tasks/tN: what its children read and write.
class task_files {
 public:
  /// A core that `fence` shuts out writes and removes nothing: a newer one may have given the same
  /// number to another task.
  task_files(environment::files& files, std::filesystem::path tasks, supervision::core_fence fence,
             text_seal seal)
      : files_(files), root_(std::move(tasks)), fence_(std::move(fence)), seal_(std::move(seal)) {}

  std::filesystem::path directory(task_id task) const { return root_ / to_string(task); }
  std::filesystem::path environment(task_id task) const { return directory(task) / "environment"; }
  std::filesystem::path prompt(task_id task, attempt_number attempt) const;
  incarnation_files of_incarnation(task_id task, std::string_view child, epoch incarnation) const;

  /// Makes the directory and keeps the caller's variables there, sealed: they hold secrets. Blocks,
  /// syncs.
  result<void> create(task_id task, const variables& caller);
  /// Removes what incarnations above `last` wrote: of lives whose start never became a fact, as a
  /// crash takes it along, and whose epochs are given again. Blocks, syncs nothing. Errors: fenced;
  /// those of files.
  result<void> clear_outputs_above(task_id task, epoch last);
  result<void> write_prompt(task_id task, attempt_number attempt, std::string_view prompt);
  result<std::string> read_prompt(task_id task, attempt_number attempt);
  result<variables> read_environment(task_id task);
  /// What an agent wrote to a file of of_incarnation(), `lost` bytes of it not taken by the disk.
  /// Only a whole output is a result. Errors: corrupted when bytes were lost; too_large
  /// for more than `limit` bytes, or when it was rotated.
  result<std::string> read_output(const std::filesystem::path& file, bytes limit, bytes lost);
  /// A result an agent left in a file of its own, written since `since`. Errors: not_found, also
  /// for one that was there before the task; too_large.
  result<std::string> read_result(const std::filesystem::path& file, bytes limit, wall_time since);
  /// When a file was written last, in nanoseconds since 1970; 0: there is none.
  std::int64_t modified_ns(const std::filesystem::path& file) {
    const auto found = files_.information(file);
    return found ? found->modified.time_since_epoch() / 1ns : 0;
  }
  bool has_output(task_id task, std::string_view child, epoch incarnation) {
    return files_.information(of_incarnation(task, child, incarnation).output).has_value();
  }
  /// The end of a file, empty when there is none.
  file_tail read_tail(const std::filesystem::path& file, bytes limit);
  /// The tasks that have a directory, up to `last`.
  result<std::vector<task_id>> list(task_id last);
  result<void> remove(task_id task);

 private:
  environment::files& files_;
  std::filesystem::path root_;
  supervision::core_fence fence_;
  text_seal seal_;
};

/// NAME=value entries, each ended by a NUL: values may hold anything else.
std::string encode_variables(const variables& values);
result<variables> decode_variables(std::string_view text);

}  // namespace nine::orchestration
