#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/base/units.hpp"

namespace nine::environment {

using path = std::filesystem::path;

struct file_information {
  bool is_directory = false;
  bool is_private = false;  ///< owned by this user, no access for others, not a symbolic link
  bytes size = 0;
  wall_time modified{};
};

/// What a write_durably() whose process was killed may leave beside its file has a name of this
/// form. Nobody needs it.
constexpr std::string_view unfinished_prefix = ".nine-";
constexpr std::string_view unfinished_suffix = ".tmp";
constexpr bool is_unfinished(std::string_view name) {
  return name.starts_with(unfinished_prefix) && name.ends_with(unfinished_suffix);
}

/// Files in a home: small ones, and blobs. All calls block; whatever syncs or reads much is called
/// on a worker. Thread: any. Errors: not_found, already_exists, permission_denied,
/// resource_exhausted (disk full), too_large, io_error; each names the path.
class files {
 public:
  virtual ~files() = default;

  /// The whole file; too_large when it holds more than `limit` bytes.
  virtual result<std::string> read(const path& file, bytes limit) = 0;

  /// Up to `limit` bytes from `offset`; empty at or past the end. For logs that are being written.
  virtual result<std::string> read_range(const path& file, bytes offset, bytes limit) = 0;

  /// Replaces the file as one step: a reader, or a crash at any instant, sees the old or the new
  /// content. Synced (file and directory) before it returns. Mode 0600.
  virtual result<void> write_durably(const path& file, std::string_view content) = 0;

  /// Makes the directory and its parents, mode 0700; no error when it exists.
  virtual result<void> make_directory(const path& directory) = 0;

  /// The names in a directory, sorted, without "." and "..".
  virtual result<std::vector<std::string>> list(const path& directory) = 0;

  virtual result<file_information> information(const path& file) = 0;

  /// Removes a file, or a directory with all it holds, never following links; no error when nothing
  /// is there.
  virtual result<void> remove(const path& file) = 0;
};

}  // namespace nine::environment
