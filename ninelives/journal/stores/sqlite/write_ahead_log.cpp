#include "ninelives/journal/stores/sqlite/write_ahead_log.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "ninelives/base/units.hpp"

namespace nine::journal::stores::sqlite {
namespace {

// SQLite's Unix layer takes a write of 128 KiB for a full disk.
constexpr auto chunk = static_cast<sqlite3_int64>(64 * KiB);

// The file begins with a header. Each frame repeats the header's salt, which changes whenever the
// log is begun again: the first frame with another one is not of this log (sqlite.org/walformat).
constexpr sqlite3_int64 header_bytes = 32;
constexpr sqlite3_int64 frame_header_bytes = 24;
constexpr std::size_t salt_in_header = 16;
constexpr std::size_t salt_in_frame = 8;
constexpr std::size_t salt_bytes = 8;
constexpr std::size_t page_size_in_header = 8;

std::unexpected<error> log_failure(const char* what) {
  return fail(error_code::io_error, std::string(what) + " the write-ahead log failed");
}

/// Null when there is no log yet.
sqlite3_file* find_log(connection& database) {
  sqlite3_file* log = nullptr;
  const int found =
      sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  return found == SQLITE_OK && log != nullptr && log->pMethods != nullptr ? log : nullptr;
}

result<sqlite3_int64> size_of(sqlite3_file* log) {
  sqlite3_int64 size = 0;
  if (log->pMethods->xFileSize(log, &size) != SQLITE_OK) return log_failure("measuring");
  return size;
}

result<void> read(sqlite3_file* log, std::span<char> into, sqlite3_int64 at) {
  const int length = static_cast<int>(into.size());
  if (log->pMethods->xRead(log, into.data(), length, at) == SQLITE_OK) return {};
  return log_failure("reading");
}

sqlite3_int64 page_size_of(std::span<const char> header) {
  sqlite3_int64 size = 0;
  for (std::size_t i = 0; i < 4; ++i)
    size = size << 8 | static_cast<unsigned char>(header[page_size_in_header + i]);
  const bool possible = size >= 512 && size <= 65'536 && (size & (size - 1)) == 0;
  return possible ? size : 0;
}

std::string_view salt(std::span<const char> bytes, std::size_t at) {
  return {bytes.data() + at, salt_bytes};
}

/// Up to where the file holds frames of the present log; behind them lie those of earlier logs, or
/// zeros.
result<sqlite3_int64> find_end(sqlite3_file* log) {
  NINE_TRY_ASSIGN(const auto size, size_of(log));
  std::array<char, header_bytes> header{};
  if (size < header_bytes) return 0;
  NINE_TRY(read(log, header, 0));
  const auto page_size = page_size_of(header);
  if (page_size == 0) return 0;  // zeros: nothing was logged yet
  const auto step = frame_header_bytes + page_size;
  sqlite3_int64 at = header_bytes;
  for (std::array<char, frame_header_bytes> frame{}; at + step <= size; at += step) {
    NINE_TRY(read(log, frame, at));
    if (salt(frame, salt_in_frame) != salt(header, salt_in_header)) break;
  }
  return at;
}

}  // namespace

result<void> rewrite_log(connection& database) {
  auto* log = find_log(database);
  if (log == nullptr) return {};
  NINE_TRY_ASSIGN(const auto end, find_end(log));
  if (end == 0) return {};
  std::vector<char> buffer(static_cast<std::size_t>(std::min(end, chunk)));
  for (sqlite3_int64 at = 0; at < end; at += chunk) {
    const auto piece = std::span(buffer).first(static_cast<std::size_t>(std::min(chunk, end - at)));
    NINE_TRY(read(log, piece, at));
    const int length = static_cast<int>(piece.size());
    if (log->pMethods->xWrite(log, piece.data(), length, at) != SQLITE_OK)
      return log_failure("writing");
  }
  if (log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) != SQLITE_OK) return log_failure("syncing");
  return {};
}

result<std::int64_t> make_room_in_log(connection& database, std::int64_t least,
                                      std::int64_t wanted) {
  static constexpr std::array<char, chunk> zeros{};
  auto* log = find_log(database);
  if (log == nullptr) return 0;
  NINE_TRY_ASSIGN(auto size, size_of(log));
  if (size >= least) return size;
  while (size < wanted) {
    const auto length = std::min<sqlite3_int64>(chunk, wanted - size);
    const int written = log->pMethods->xWrite(log, zeros.data(), static_cast<int>(length), size);
    if (written == SQLITE_FULL) return size;
    if (written != SQLITE_OK) return log_failure("lengthening");
    size += length;
  }
  return size;
}

}  // namespace nine::journal::stores::sqlite
