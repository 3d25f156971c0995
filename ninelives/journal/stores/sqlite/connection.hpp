#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"

namespace nine::journal::stores::sqlite {

/// A prepared statement, used again and again. Parameters and columns count from 1 and 0, as in
/// SQLite. Text that is bound must live until reset().
class statement {
 public:
  statement() = default;

  statement& bind(int parameter, std::int64_t value);
  statement& bind(int parameter, std::string_view bytes_of_blob);

  /// True: a row is there to be read; false: done. After an error or the last row the statement is
  /// reset, so that it never holds a transaction open.
  result<bool> step();

  /// For a statement without rows.
  result<void> run();

  std::int64_t integer(int column) const;
  std::string_view blob(int column) const;

  /// To be called when rows are left unread.
  void reset();

 private:
  friend class connection;
  explicit statement(sqlite3_stmt* prepared) : prepared_(prepared) {}

  struct finalize {
    void operator()(sqlite3_stmt* prepared) const { sqlite3_finalize(prepared); }
  };
  std::unique_ptr<sqlite3_stmt, finalize> prepared_;
};

/// An open database. Thread: one at a time.
class connection {
 public:
  enum class mode { read_write, read_only };

  /// `vfs` empty: the system's. Errors as of error_of().
  static result<connection> open(const std::string& path, mode how, const std::string& vfs);

  result<void> execute(const char* sql);
  result<statement> prepare(std::string_view sql);

  /// The single integer that `sql` yields.
  result<std::int64_t> integer(std::string_view sql);

  sqlite3* handle() const { return handle_.get(); }

 private:
  explicit connection(sqlite3* handle) : handle_(handle) {}

  struct close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  std::unique_ptr<sqlite3, close> handle_;
};

/// What the connection's last call went wrong with: resource_exhausted (disk full, no memory),
/// unavailable (locked by another process), corrupted, permission_denied, io_error.
std::unexpected<error> error_of(sqlite3* handle);

}  // namespace nine::journal::stores::sqlite
