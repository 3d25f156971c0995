#pragma once

#include <atomic>

#include "ninelives/environment/files.hpp"

namespace nine::environment {

/// Files of the operating system. Thread: any.
class real_files final : public files {
 public:
  result<std::string> read(const path& file, bytes limit) override;
  result<std::string> read_range(const path& file, bytes offset, bytes limit) override;

  /// Writes `.nine-PID-N.tmp` beside the file, syncs it, renames it, syncs the directory. A process
  /// killed in between leaves the temporary file behind (is_unfinished()).
  result<void> write_durably(const path& file, std::string_view content) override;

  /// The entry of every directory made is synced, too.
  result<void> make_directory(const path& directory) override;

  /// too_large above `names_most` entries.
  result<std::vector<std::string>> list(const path& directory) override;
  result<file_information> information(const path& file) override;
  result<void> remove(const path& file) override;

  static constexpr std::size_t names_most = 1'000'000;

 private:
  path temporary_beside(const path& file);

  std::atomic<std::uint64_t> temporaries_ = 0;
};

}  // namespace nine::environment
