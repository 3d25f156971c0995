#pragma once

#include <cstdint>

#include "ninelives/base/result.hpp"
#include "ninelives/journal/stores/sqlite/connection.hpp"

namespace nine::journal::stores::sqlite {

/// A page in the log with its header.
constexpr std::int64_t log_frame_bytes = 24 + 4'096;

/// Writes what the database's write-ahead log holds again, in place, and syncs it.
///
/// Why: when a sync fails, Linux may keep the pages readable in memory, mark them clean and never
/// write them; a second sync then succeeds and proves nothing. What the log holds after a failure
/// (of this process or of one that was killed after it) is durable only when it was written again.
///
/// To be called inside a write transaction that has changed nothing yet, so that no other process
/// writes the log meanwhile. So is make_room_in_log().
result<void> rewrite_log(connection& database);

/// Sees to it that the log's file is at least `least` bytes long, else makes it `wanted` bytes long
/// with zeros, which SQLite takes for the end of the log; gives its length. The zeros are synced
/// with the next commit; if they find no room, the next commit will say so if it finds none itself.
///
/// Why: a sync of a file that grows waits for the file system's own journal, too; one of a file
/// that is written over does not, and takes a fraction of the time.
result<std::int64_t> make_room_in_log(connection& database, std::int64_t least,
                                      std::int64_t wanted);

}  // namespace nine::journal::stores::sqlite
