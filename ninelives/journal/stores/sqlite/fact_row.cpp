#include "ninelives/journal/stores/sqlite/fact_row.hpp"

#include <fmt/format.h>

#include <string_view>

#include "ninelives/base/stable_hash.hpp"

namespace nine::journal::stores::sqlite {
namespace {

void add(stable_hash& sum, std::int64_t value) {
  sum.add(static_cast<std::uint64_t>(value));
}

/// The size, too: what stands in one column is not taken for what stands in the next.
void add(stable_hash& sum, std::string_view text) {
  sum.add(std::uint64_t{text.size()});
  sum.add(text);
}

template <class Content>
std::int64_t checksum(const Content& content, sequence number, sequence previous) {
  stable_hash sum;
  add(sum, number.value());
  add(sum, content.task.value());
  add(sum, content.writer.value());
  add(sum, previous.value());
  add(sum, content.at.time_since_epoch().count());
  add(sum, content.kind);
  add(sum, content.body);
  return static_cast<std::int64_t>(sum.value());
}

}  // namespace

std::int64_t checksum_of(const record& entry, sequence number, sequence previous) {
  return checksum(entry, number, previous);
}

std::int64_t checksum_of(const fact_row& row) {
  return checksum(row.content, row.content.number, row.previous);
}

result<fact_row> read_row(const statement& row) {
  fact_row found{.content = {.number = sequence(row.integer(0)),
                             .task = task_id(row.integer(1)),
                             .writer = epoch(row.integer(2)),
                             .at = wall_time(duration(row.integer(4))),
                             .kind = std::string(row.blob(5)),
                             .body = std::string(row.blob(6))},
                 .previous = sequence(row.integer(3))};
  if (row.integer(7) == checksum_of(found)) return found;
  return not_what_was_written(found.content.number);
}

fact damaged_fact(const statement& row) {
  return {.number = sequence(row.integer(0)), .damaged = true};
}

std::unexpected<error> not_what_was_written(sequence number) {
  return fail(error_code::corrupted,
              fmt::format("fact {} is not what was written", number.value()));
}

}  // namespace nine::journal::stores::sqlite
