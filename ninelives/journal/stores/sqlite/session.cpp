#include "ninelives/journal/stores/sqlite/session.hpp"

#include <algorithm>

#include "ninelives/journal/stores/sqlite/schema.hpp"
#include "ninelives/journal/stores/sqlite/write_ahead_log.hpp"

namespace nine::journal::stores {
namespace {

int remember_log_pages(void* log_pages, sqlite3*, const char*, int pages) {
  *static_cast<int*>(log_pages) = pages;
  return SQLITE_OK;
}

}  // namespace

result<std::unique_ptr<sqlite_store::session>> sqlite_store::session::open(
    const sqlite_options& options) {
  NINE_TRY_ASSIGN(auto opened,
                  sqlite::connection::open(options.path.string(),
                                           sqlite::connection::mode::read_write, options.vfs));
  std::unique_ptr<session> made(
      new session(std::move(opened), std::max(1, options.log_pages_due / 4)));
  NINE_TRY(made->configure());
  NINE_TRY(sqlite::migrate(made->database));
  NINE_TRY(made->prepare());
  return made;
}

result<void> sqlite_store::session::configure() {
  NINE_TRY(database.execute("PRAGMA journal_mode = WAL"));
  NINE_TRY(set_synced(true));
  NINE_TRY(database.execute("PRAGMA temp_store = MEMORY"));
  // Takes the place of SQLite's own checkpoints, which would stand in the way of a commit.
  sqlite3_wal_hook(database.handle(), remember_log_pages, &log_pages);
  return {};
}

result<void> sqlite_store::session::set_synced(bool wanted) {
  if (synced == wanted) return {};
  synced.reset();
  NINE_TRY(database.execute(wanted ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
  synced = wanted;
  return {};
}

result<void> sqlite_store::session::keep_room_in_log() {
  const auto bytes_of = [](int pages) { return pages * sqlite::log_frame_bytes; };
  const auto least = bytes_of(log_pages + log_room_pages / 4 + 1);
  if (log_bytes >= least) return {};
  NINE_TRY_ASSIGN(log_bytes,
                  sqlite::make_room_in_log(database, least, bytes_of(log_pages + log_room_pages)));
  return {};
}

result<void> sqlite_store::session::prepare() {
  NINE_TRY_ASSIGN(heads, sqlite::head_rows::open(database));
  struct text {
    sqlite::statement& target;
    const char* sql;
  };
  const text all[] = {
      {begin, "BEGIN IMMEDIATE"},
      {commit, "COMMIT"},
      {claimed, "SELECT core_epoch FROM home"},
      {raise_claim, "UPDATE home SET core_epoch = max(core_epoch, ?1) + 1"},
      {count_sync, "UPDATE home SET syncs = syncs + 1"},
      {insert_fact,
       "INSERT INTO facts(sequence, task, writer, previous, at, kind, body, checksum) "
       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"},
      {find_fact,
       "SELECT sequence, task, writer, previous, at, kind, body, checksum FROM facts "
       "WHERE sequence = ?1"},
      {facts_after,
       "SELECT sequence, task, writer, previous, at, kind, body, checksum FROM facts "
       "WHERE sequence > ?1 ORDER BY sequence LIMIT ?2"},
      {find_key, "SELECT task FROM unique_keys WHERE key = ?1"},
      {insert_key, "INSERT INTO unique_keys(key, task, at) VALUES (?1, ?2, ?3)"},
  };
  for (const text& one : all) {
    NINE_TRY_ASSIGN(one.target, database.prepare(one.sql));
  }
  return {};
}

}  // namespace nine::journal::stores
