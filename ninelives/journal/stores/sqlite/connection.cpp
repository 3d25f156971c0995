#include "ninelives/journal/stores/sqlite/connection.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "ninelives/base/assert.hpp"

namespace nine::journal::stores::sqlite {
namespace {

constexpr int busy_timeout_ms = 2'000;  // another process reads, or is about to be fenced

error_code code_of(int primary) {
  switch (primary) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return error_code::resource_exhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return error_code::unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return error_code::corrupted;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return error_code::permission_denied;
    case SQLITE_TOOBIG:
      return error_code::too_large;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      return error_code::internal;
    default:
      return error_code::io_error;
  }
}

}  // namespace

std::unexpected<error> error_of(sqlite3* handle) {
  const int extended = sqlite3_extended_errcode(handle);
  std::string message = sqlite3_errmsg(handle);
  const int system = sqlite3_system_errno(handle);
  const bool input_output =
      (extended & 0xff) == SQLITE_IOERR || (extended & 0xff) == SQLITE_CANTOPEN;
  if (input_output && system != 0) {
    message += fmt::format(" ({})", std::generic_category().message(system));
  }
  return fail(code_of(extended & 0xff), std::move(message));
}

statement& statement::bind(int parameter, std::int64_t value) {
  const int outcome = sqlite3_bind_int64(prepared_.get(), parameter, value);
  NINE_ASSERT(outcome == SQLITE_OK);
  return *this;
}

statement& statement::bind(int parameter, std::string_view bytes_of_blob) {
  // A null pointer would bind NULL instead of an empty blob.
  const char* data = bytes_of_blob.empty() ? "" : bytes_of_blob.data();
  const int outcome =
      sqlite3_bind_blob64(prepared_.get(), parameter, data, bytes_of_blob.size(), SQLITE_STATIC);
  NINE_ASSERT(outcome == SQLITE_OK);
  return *this;
}

result<bool> statement::step() {
  const int outcome = sqlite3_step(prepared_.get());
  if (outcome == SQLITE_ROW) return true;
  if (outcome == SQLITE_DONE) {
    sqlite3_reset(prepared_.get());
    return false;
  }
  auto failure = error_of(sqlite3_db_handle(prepared_.get()));
  sqlite3_reset(prepared_.get());
  return failure;
}

result<void> statement::run() {
  NINE_TRY_ASSIGN(const bool row, step());
  if (row) reset();
  return {};
}

std::int64_t statement::integer(int column) const {
  return sqlite3_column_int64(prepared_.get(), column);
}

std::string_view statement::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(prepared_.get(), column));
  const int size = sqlite3_column_bytes(prepared_.get(), column);
  return data == nullptr ? std::string_view() : std::string_view(data, static_cast<size_t>(size));
}

void statement::reset() {
  sqlite3_reset(prepared_.get());
}

namespace {

/// Nobody asks SQLite how much memory it has, and to count it takes a lock at each allocation. It
/// can be told only before its first use in the process; later it just goes on counting.
void leave_memory_uncounted() {
  [[maybe_unused]] static const int told = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

}  // namespace

result<connection> connection::open(const std::string& path, mode how, const std::string& vfs) {
  leave_memory_uncounted();
  const int access = how == mode::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  sqlite3* raw = nullptr;
  const int outcome =
      sqlite3_open_v2(path.c_str(), &raw, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
                      vfs.empty() ? nullptr : vfs.c_str());
  connection opened(raw);  // SQLite wants even a failed one closed
  if (raw == nullptr) return fail(error_code::resource_exhausted, "no memory for SQLite");
  if (outcome != SQLITE_OK) return error_of(raw);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, busy_timeout_ms);
  // Closing does not write back: a fenced writer must not touch the file on its way out.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return opened;
}

result<void> connection::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error_of(handle_.get());
  }
  return {};
}

result<statement> connection::prepare(std::string_view sql) {
  sqlite3_stmt* prepared = nullptr;
  const int outcome = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                         SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  if (outcome != SQLITE_OK) return error_of(handle_.get());
  return statement(prepared);
}

result<std::int64_t> connection::integer(std::string_view sql) {
  NINE_TRY_ASSIGN(statement query, prepare(sql));
  NINE_TRY_ASSIGN(const bool row, query.step());
  if (!row) return fail(error_code::corrupted, fmt::format("no row for: {}", sql));
  return query.integer(0);
}

}  // namespace nine::journal::stores::sqlite
