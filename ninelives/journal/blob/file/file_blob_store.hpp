#pragma once

#include <filesystem>
#include <string>

#include "ninelives/environment/files.hpp"
#include "ninelives/journal/blob_store.hpp"

namespace nine::journal::blob {

/// Blobs as files: DIRECTORY/ab/cdef…, named by the SHA-256 of the content, compressed with zstd. A
/// file is written durably and read back before its name is given away, so a fact never names a
/// blob that is not there. Calls block; thread: any, as far as `files` allows it.
class file_blob_store final : public blob_store {
 public:
  file_blob_store(environment::files& files, std::filesystem::path directory)
      : files_(files), directory_(std::move(directory)) {}

  result<std::string> put(std::string_view content) override;
  result<std::string> get(std::string_view digest) override;

  /// Larger contents are refused with too_large: final, never retried.
  static constexpr bytes content_bytes_most = 256 * MiB;

 private:
  result<std::filesystem::path> path_of(std::string_view digest) const;

  environment::files& files_;
  std::filesystem::path directory_;
};

}  // namespace nine::journal::blob
