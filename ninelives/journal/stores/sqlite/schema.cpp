#include "ninelives/journal/stores/sqlite/schema.hpp"

#include <fmt/format.h>

#include <array>

namespace nine::journal::stores::sqlite {
namespace {

constexpr std::int64_t application_id = 0x4e694a6f;  // "NiJo", shown by file(1)

/// Element i leads from version i to version i + 1. What has been released is never changed.
/// The columns are explained in docs/journal_format.md.
constexpr std::array<const char*, 2> migrations = {
    R"sql(
CREATE TABLE home(
  one            INTEGER PRIMARY KEY CHECK (one = 1),
  core_epoch     INTEGER NOT NULL,
  expired_up_to  INTEGER NOT NULL,
  syncs          INTEGER NOT NULL
) STRICT;
INSERT INTO home VALUES (1, 0, 0, 0);
CREATE TABLE facts(
  sequence  INTEGER PRIMARY KEY,
  task      INTEGER NOT NULL,
  writer    INTEGER NOT NULL,
  previous  INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  kind      BLOB NOT NULL,
  body      BLOB NOT NULL,
  checksum  INTEGER NOT NULL
) STRICT;
CREATE TABLE task_heads(
  task      INTEGER PRIMARY KEY,
  epoch     INTEGER NOT NULL,
  last      INTEGER NOT NULL,
  ended     INTEGER NOT NULL,
  ended_at  INTEGER NOT NULL
) STRICT;
CREATE TABLE unique_keys(
  key   BLOB PRIMARY KEY,
  task  INTEGER NOT NULL,
  at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
    R"sql(
ALTER TABLE home ADD COLUMN heads_up_to INTEGER NOT NULL DEFAULT 0;
UPDATE home
  SET heads_up_to = max(expired_up_to, (SELECT coalesce(max(sequence), 0) FROM facts));
)sql",
};

/// 0 for a database without tables. Refuses what is no journal.
result<std::int64_t> version_of(connection& database) {
  NINE_TRY_ASSIGN(const std::int64_t tables,
                  database.integer("SELECT count(*) FROM sqlite_schema"));
  if (tables == 0) return 0;
  NINE_TRY_ASSIGN(const std::int64_t application, database.integer("PRAGMA application_id"));
  if (application != application_id) {
    return fail(error_code::corrupted, "this SQLite database is not a journal of Ninelives");
  }
  NINE_TRY_ASSIGN(const std::int64_t version, database.integer("PRAGMA user_version"));
  if (version > newest_schema()) {
    return fail(error_code::precondition_failed,
                fmt::format("the journal has format {}, this program knows formats up to {}: use "
                            "the newer Ninelives that wrote it",
                            version, newest_schema()));
  }
  return version;
}

result<void> migrate_from(connection& database, std::int64_t version) {
  for (auto step = static_cast<std::size_t>(version); step < migrations.size(); ++step) {
    NINE_TRY(database.execute(migrations[step]));
  }
  NINE_TRY(database.execute(fmt::format("PRAGMA application_id = {}", application_id).c_str()));
  return database.execute(fmt::format("PRAGMA user_version = {}", newest_schema()).c_str());
}

}  // namespace

int newest_schema() {
  return static_cast<int>(migrations.size());
}

result<void> migrate(connection& database) {
  NINE_TRY_ASSIGN(const std::int64_t before, version_of(database));
  if (before == newest_schema()) return {};
  NINE_TRY(database.execute("BEGIN IMMEDIATE"));
  result<void> migrated;
  const auto version = version_of(database);  // again: another process may just have done it
  migrated = version ? migrate_from(database, *version) : std::unexpected(version.error());
  if (migrated) migrated = database.execute("COMMIT");
  if (!migrated) {
    auto rolled_back = database.execute("ROLLBACK");
    static_cast<void>(rolled_back);  // the first cause is what counts
    return with_context("bring the journal to this program's format", migrated.error());
  }
  return {};
}

result<void> check_known(connection& database) {
  NINE_TRY(version_of(database));
  return {};
}

}  // namespace nine::journal::stores::sqlite
