#include "ninelives/journal/stores/sqlite/salvage.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "ninelives/journal/stores/sqlite/connection.hpp"
#include "ninelives/journal/stores/sqlite/fact_row.hpp"
#include "ninelives/journal/stores/sqlite/head_rows.hpp"

namespace nine::journal::stores {
namespace {

/// Single rows that are tried one by one; a damage that hides more is jumped over.
constexpr std::int64_t single_tries_most = 100'000;

/// The highest number that any part of the database still knows of.
std::int64_t last_number(sqlite::connection& database) {
  std::int64_t last = 0;
  for (const auto* query : {"SELECT coalesce(max(sequence), 0) FROM facts",
                            "SELECT coalesce(max(last), 0) FROM task_heads",
                            "SELECT expired_up_to FROM home", "SELECT heads_up_to FROM home"}) {
    const auto found = database.integer(query);
    if (found) last = std::max(last, *found);
  }
  return last;
}

/// The highest number that a fact can have: the rows of the tasks are behind by less than the facts
/// that are read at each opening.
std::int64_t last_possible_number(sqlite::connection& database, std::int64_t last_known) {
  const auto rows_up_to = database.integer("SELECT heads_up_to FROM home");
  if (!rows_up_to) return last_known;
  return std::max(last_known, *rows_up_to + sqlite::head_rows::newest_facts - 1);
}

std::int64_t expired_up_to(sqlite::connection& database) {
  return database.integer("SELECT expired_up_to FROM home").value_or(0);
}

class reader {
 public:
  reader(sqlite::statement one, sqlite::statement following)
      : one_(std::move(one)), following_(std::move(following)) {}

  /// The fact of this number; none when it is not there or damaged.
  std::optional<fact> read(std::int64_t number) {
    const auto row = one_.bind(1, number).step();
    if (!row || !*row) return std::nullopt;
    auto found = sqlite::read_row(one_);
    one_.reset();
    if (!found) return std::nullopt;
    return std::move(found->content);
  }

  /// The number of the next row from `number` on that can be found; none behind a damage.
  std::optional<std::int64_t> next_from(std::int64_t number) {
    const auto row = following_.bind(1, number).step();
    if (!row || !*row) return std::nullopt;
    const auto found = following_.integer(0);
    following_.reset();
    return found;
  }

 private:
  sqlite::statement one_;
  sqlite::statement following_;
};

result<reader> reader_of(sqlite::connection& database) {
  NINE_TRY_ASSIGN(auto one, database.prepare(
                                "SELECT sequence, task, writer, previous, at, kind, body, checksum "
                                "FROM facts WHERE sequence = ?1"));
  NINE_TRY_ASSIGN(auto following,
                  database.prepare("SELECT sequence FROM facts WHERE sequence >= ?1 "
                                   "ORDER BY sequence LIMIT 1"));
  return reader(std::move(one), std::move(following));
}

}  // namespace

result<salvage_report> salvage(const std::filesystem::path& database,
                               const std::function<result<void>(const fact&)>& keep) {
  salvage_report report;
  auto opened =
      sqlite::connection::open(database.string(), sqlite::connection::mode::read_only, "");
  if (!opened) return report;
  auto from = reader_of(*opened);
  if (!from) return report;
  const auto last_known = last_number(*opened);
  const auto last = last_possible_number(*opened, last_known);
  const auto expired = expired_up_to(*opened);
  std::set<task_id> tasks;
  std::int64_t tries = 0;
  std::int64_t lost_perhaps = 0;  // behind the last that is known; a later one proves them
  for (std::int64_t number = 1; number <= last && tries < single_tries_most; ++number) {
    if (const auto next = from->next_from(number); next && *next > number) {
      lost_perhaps += std::max<std::int64_t>(0, *next - std::max(number, expired + 1));
      number = *next;
    }
    const auto found = from->read(number);
    if (!found) {
      ++tries;
      lost_perhaps += number > expired ? 1 : 0;
      if (number <= last_known) report.lost += std::exchange(lost_perhaps, 0);
      continue;
    }
    report.lost += std::exchange(lost_perhaps, 0);
    NINE_TRY(keep(*found));
    ++report.facts;
    tasks.insert(found->task);
  }
  report.tasks = tasks.size();
  return report;
}

}  // namespace nine::journal::stores
