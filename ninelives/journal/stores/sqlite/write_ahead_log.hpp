#pragma once

#include "ninelives/base/result.hpp"
#include "ninelives/journal/stores/sqlite/connection.hpp"

namespace nine::journal::stores::sqlite {

/// Writes every byte of the database's write-ahead log again, in place, and syncs it.
///
/// Why: when a sync fails, Linux may keep the pages readable in memory, mark them clean and never
/// write them; a second sync then succeeds and proves nothing. What the log holds after a failure
/// (of this process or of one that was killed after it) is durable only when it was written again.
///
/// To be called inside a write transaction that has changed nothing yet, so that no other process
/// writes the log meanwhile.
result<void> rewrite_log(connection& database);

}  // namespace nine::journal::stores::sqlite
