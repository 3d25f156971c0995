#pragma once

#include "ninelives/journal/stores/sqlite/connection.hpp"
#include "ninelives/journal/stores/sqlite/head_rows.hpp"
#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"

namespace nine::journal::stores {

struct sqlite_store::session {
  static result<std::unique_ptr<session>> open(const sqlite_options& options);

  /// FULL: a commit is synced; NORMAL: it is not. To be called outside of transactions.
  result<void> set_synced(bool synced);

  /// To be called in a transaction that has changed nothing yet: the log's file shall be longer
  /// than what is in it.
  result<void> keep_room_in_log();

  sqlite::connection database;
  sqlite::head_rows heads;
  sqlite::statement begin;
  sqlite::statement commit;
  sqlite::statement claimed;
  sqlite::statement raise_claim;
  sqlite::statement count_sync;
  sqlite::statement insert_fact;
  sqlite::statement find_fact;
  sqlite::statement facts_after;
  sqlite::statement find_key;
  sqlite::statement insert_key;

  std::optional<bool> synced;  ///< what set_synced() set last
  int log_pages = 0;           ///< in the log after the last commit
  std::int64_t log_bytes = 0;  ///< of its file, when it was last looked at
  int written_back = 0;        ///< of these, when it was last written back
  bool failed = false;

  /// SQLite begins the log anew when all of it has been written back; then the count falls.
  int log_pages_to_write_back() const {
    return log_pages < written_back ? log_pages : log_pages - written_back;
  }

 private:
  session(sqlite::connection opened, int pages_of_room)
      : database(std::move(opened)), log_room_pages(pages_of_room) {}
  result<void> configure();
  result<void> prepare();

  const int log_room_pages;
};

}  // namespace nine::journal::stores
