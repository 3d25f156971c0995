#include "ninelives/journal/blob/file/file_blob_store.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>

#include "ninelives/journal/digest.hpp"

namespace nine::journal::blob {
namespace {

constexpr int compression_level = 3;
const std::string prefix = "sha256-";
constexpr std::size_t folder_letters = 2;

/// "sha256-ab.nine-17-3.tmp": what a killed put() left in folder ab.
bool names_unfinished(std::string_view name) {
  const auto folder_end = prefix.size() + folder_letters;
  const bool in_folder = name.starts_with(prefix) && !name.contains('/') &&
                         name.find_first_not_of("0123456789abcdef", prefix.size()) == folder_end;
  return in_folder && environment::is_unfinished(name.substr(folder_end));
}

std::unexpected<error> names_nothing(std::string_view name) {
  return fail(error_code::invalid_argument, fmt::format("'{}' names no blob", name.substr(0, 80)));
}

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
  if (!is_digest(digest)) return names_nothing(digest);
  return place_of(digest);
}

std::filesystem::path file_blob_store::place_of(std::string_view name) const {
  const auto rest = name.substr(prefix.size());
  return directory_ / rest.substr(0, folder_letters) / rest.substr(folder_letters);
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
    auto name = prefix + folder + file;
    if (names.size() >= limit) return {};
    if (name <= after || (!is_digest(name) && !names_unfinished(name))) continue;
    if (is_older(directory_ / folder / file, before)) names.push_back(std::move(name));
  }
  return {};
}

result<void> file_blob_store::remove_older(std::string_view name, wall_time before) {
  if (!is_digest(name) && !names_unfinished(name)) return names_nothing(name);
  const auto file = place_of(name);
  if (!is_older(file, before)) return {};
  return files_.remove(file);
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
