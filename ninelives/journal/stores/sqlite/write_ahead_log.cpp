#include "ninelives/journal/stores/sqlite/write_ahead_log.hpp"

#include <algorithm>
#include <vector>

#include "ninelives/base/units.hpp"

namespace nine::journal::stores::sqlite {
namespace {

// SQLite's Unix layer takes a write of 128 KiB for a full disk.
constexpr sqlite3_int64 chunk = static_cast<sqlite3_int64>(64 * KiB);

std::unexpected<error> log_failure(const char* what) {
  return fail(error_code::io_error, std::string(what) + " the write-ahead log failed");
}

}  // namespace

result<void> rewrite_log(connection& database) {
  sqlite3_file* log = nullptr;
  const int found =
      sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (found != SQLITE_OK || log == nullptr || log->pMethods == nullptr) return {};  // none yet
  sqlite3_int64 size = 0;
  if (log->pMethods->xFileSize(log, &size) != SQLITE_OK) return log_failure("measuring");
  if (size == 0) return {};
  std::vector<char> buffer(static_cast<std::size_t>(std::min(size, chunk)));
  for (sqlite3_int64 at = 0; at < size; at += chunk) {
    const int length = static_cast<int>(std::min(chunk, size - at));
    if (log->pMethods->xRead(log, buffer.data(), length, at) != SQLITE_OK) {
      return log_failure("reading");
    }
    if (log->pMethods->xWrite(log, buffer.data(), length, at) != SQLITE_OK) {
      return log_failure("writing");
    }
  }
  if (log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) != SQLITE_OK) return log_failure("syncing");
  return {};
}

}  // namespace nine::journal::stores::sqlite
