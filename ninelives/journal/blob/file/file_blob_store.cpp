#include "ninelives/journal/blob/file/file_blob_store.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>

#include "ninelives/journal/digest.hpp"

namespace nine::journal::blob {
namespace {

constexpr int compression_level = 3;
const std::string prefix = "sha256-";

result<std::string> compress(std::string_view content) {
  std::string packed(ZSTD_compressBound(content.size()), '\0');
  const auto size = ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(),
                                  compression_level);
  if (ZSTD_isError(size))
    return fail(error_code::internal, std::string("zstd: ") + ZSTD_getErrorName(size));
  packed.resize(size);
  return packed;
}

/// The stored size is checked before memory is taken for it: the file may be damaged.
result<std::string> decompress(std::string_view packed) {
  const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  const bool known = size != ZSTD_CONTENTSIZE_UNKNOWN && size != ZSTD_CONTENTSIZE_ERROR;
  if (!known || size > file_blob_store::content_bytes_most)
    return fail(error_code::corrupted, "not a stored blob");
  std::string content(size, '\0');
  const auto got = ZSTD_decompress(content.data(), content.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) || got != size)
    return fail(error_code::corrupted, "the stored bytes do not unpack");
  return content;
}

}  // namespace

result<std::filesystem::path> file_blob_store::path_of(std::string_view digest) const {
  if (!is_digest(digest)) {
    return fail(error_code::invalid_argument,
                fmt::format("'{}' names no blob", digest.substr(0, 80)));
  }
  const auto digits = digest.substr(digest.find('-') + 1);
  return directory_ / digits.substr(0, 2) / digits.substr(2);
}

result<std::string> file_blob_store::put(std::string_view content) {
  if (content.size() > content_bytes_most) {
    return fail(error_code::too_large, fmt::format("{} bytes; a blob holds at most {}",
                                                   content.size(), content_bytes_most));
  }
  auto digest = digest_of(content);
  NINE_TRY_ASSIGN(const auto path, path_of(digest));
  const bool young = !is_older(path, clock_.wall_now() - renewed_after);
  if (young && durable_.contains(digest) && get(digest)) return digest;
  NINE_TRY_ASSIGN(const auto packed, compress(content));
  NINE_TRY(files_.make_directory(path.parent_path()));
  NINE_TRY(files_.write_durably(path, packed));
  NINE_TRY(get(digest));
  if (durable_.size() >= durable_known_most) durable_.clear();
  durable_.insert(digest);
  return digest;
}

bool file_blob_store::is_older(const std::filesystem::path& file, wall_time before) {
  const auto information = files_.information(file);
  return information && information->modified < before;
}

result<std::vector<std::string>> file_blob_store::list_older(wall_time before,
                                                             std::string_view after,
                                                             std::size_t limit) {
  std::vector<std::string> names;
  const auto folders = files_.list(directory_);
  if (!folders && folders.error().code == error_code::not_found) return names;
  if (!folders) return std::unexpected(folders.error());
  for (const auto& folder : *folders) {
    const bool passed = (prefix + folder) < after.substr(0, prefix.size() + folder.size());
    if (passed || names.size() >= limit) continue;
    NINE_TRY(add_older(folder, before, after, limit, names));
  }
  return names;
}

result<void> file_blob_store::add_older(const std::string& folder, wall_time before,
                                        std::string_view after, std::size_t limit,
                                        std::vector<std::string>& names) {
  NINE_TRY_ASSIGN(const auto files, files_.list(directory_ / folder));
  for (const auto& file : files) {
    auto digest = prefix + folder + file;
    if (names.size() >= limit) return {};
    if (digest <= after || !is_digest(digest)) continue;
    if (is_older(directory_ / folder / file, before)) names.push_back(std::move(digest));
  }
  return {};
}

result<void> file_blob_store::remove_older(std::string_view digest, wall_time before) {
  NINE_TRY_ASSIGN(const auto path, path_of(digest));
  if (!is_older(path, before)) return {};
  return files_.remove(path);
}

result<std::string> file_blob_store::get(std::string_view digest) {
  NINE_TRY_ASSIGN(const auto path, path_of(digest));
  NINE_TRY_ASSIGN(const auto packed, files_.read(path, ZSTD_compressBound(content_bytes_most)));
  auto content = decompress(packed);
  if (!content) return with_context(digest, content.error());
  if (digest_of(*content) != digest) {
    return fail(error_code::corrupted,
                fmt::format("{}: the content does not match its name", digest));
  }
  return content;
}

}  // namespace nine::journal::blob
