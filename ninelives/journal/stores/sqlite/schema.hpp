#pragma once

#include "ninelives/base/result.hpp"
#include "ninelives/journal/stores/sqlite/connection.hpp"

namespace nine::journal::stores::sqlite {

/// The version of the tables this program writes; in the database it is `PRAGMA user_version`.
int newest_schema();

/// Brings an empty or older database to the newest schema, synced, in one transaction. Errors:
/// precondition_failed (made by a newer program), corrupted (not a journal).
result<void> migrate(connection& database);

/// Refuses what migrate() refuses, and changes nothing.
result<void> check_known(connection& database);

}  // namespace nine::journal::stores::sqlite
