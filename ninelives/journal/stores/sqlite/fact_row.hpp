#pragma once

#include <cstdint>

#include "ninelives/base/result.hpp"
#include "ninelives/journal/fact.hpp"
#include "ninelives/journal/stores/sqlite/connection.hpp"

namespace nine::journal::stores::sqlite {

/// A fact as it stands in its row: with the way to the fact of its task before it.
struct fact_row {
  fact content;
  sequence previous;
};

/// FNV-1a (64 bit, http://www.isthe.com/chongo/tech/comp/fnv/) over all columns; it finds bits that
/// the disk changed, not forgery.
std::int64_t checksum_of(const record& entry, sequence number, sequence previous);
std::int64_t checksum_of(const fact_row& row);

/// Reads the row a statement stands on (columns in the order of the table). Error: corrupted, when
/// it is not what was written.
result<fact_row> read_row(const statement& row);

/// What takes the place of such a one among others.
fact damaged_fact(const statement& row);
std::unexpected<error> not_what_was_written(sequence number);

}  // namespace nine::journal::stores::sqlite
