#pragma once

#include <filesystem>
#include <string>
#include <unordered_set>

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/journal/blob_store.hpp"

namespace nine::journal::blob {

/// Blobs as files: DIRECTORY/ab/cdef…, named by the SHA-256 of the content, compressed with zstd. A
/// file is written durably and read back before its name is given away, so a fact never names a
/// blob that is not there. Calls block; thread: any, one at a time.
class file_blob_store final : public blob_store {
 public:
  file_blob_store(environment::files& files, const environment::clock& clock,
                  std::filesystem::path directory)
      : files_(files), clock_(clock), directory_(std::move(directory)) {}

  result<std::string> put(std::string_view content) override;
  result<std::string> get(std::string_view digest) override;

  /// A file that is there is no proof that it is durable: whoever wrote it may have died, or
  /// failed, before its directory was synced. So each process writes a content once itself. A blob
  /// is as old as its file; put() of a content that is there already writes it anew when it is
  /// older than `renewed_after`.
  result<std::vector<std::string>> list_older(wall_time before, std::string_view after,
                                              std::size_t limit) override;
  result<void> remove_older(std::string_view name, wall_time before) override;

  static constexpr duration renewed_after = 1h;
  static constexpr std::size_t durable_known_most = 10'000;

  /// Larger contents are refused with too_large: final, never retried.
  static constexpr bytes content_bytes_most = 256 * MiB;

 private:
  result<std::filesystem::path> path_of(std::string_view digest) const;
  std::filesystem::path place_of(std::string_view name) const;

  result<void> add_older(const std::string& folder, wall_time before, std::string_view after,
                         std::size_t limit, std::vector<std::string>& names);
  bool is_older(const std::filesystem::path& file, wall_time before);

  environment::files& files_;
  const environment::clock& clock_;
  std::filesystem::path directory_;
  std::unordered_set<std::string> durable_;  ///< blobs that this object has written durably
};

}  // namespace nine::journal::blob
