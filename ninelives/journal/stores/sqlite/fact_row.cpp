#include "ninelives/journal/stores/sqlite/fact_row.hpp"

#include <fmt/format.h>

#include <string_view>

namespace nine::journal::stores::sqlite {
namespace {

class fnv1a {
 public:
  void add(std::int64_t value) {
    for (int shift = 0; shift < 64; shift += 8)
      add_byte(static_cast<std::uint64_t>(value) >> shift);
  }
  void add(std::string_view text) {
    add(static_cast<std::int64_t>(text.size()));
    for (const char one : text)
      add_byte(static_cast<unsigned char>(one));
  }
  std::int64_t value() const { return static_cast<std::int64_t>(hash_); }

 private:
  void add_byte(std::uint64_t byte) { hash_ = (hash_ ^ (byte & 0xff)) * 0x100000001b3; }

  std::uint64_t hash_ = 0xcbf29ce484222325;
};

template <class Content>
std::int64_t checksum(const Content& content, sequence number, sequence previous) {
  fnv1a sum;
  sum.add(number.value());
  sum.add(content.task.value());
  sum.add(content.writer.value());
  sum.add(previous.value());
  sum.add(content.at.time_since_epoch().count());
  sum.add(content.kind);
  sum.add(content.body);
  return sum.value();
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
