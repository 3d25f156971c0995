#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ninelives/base/assert.hpp"
#include "ninelives/journal/stores/sqlite/fact_row.hpp"
#include "ninelives/journal/stores/sqlite/session.hpp"
#include "ninelives/journal/stores/sqlite/write_ahead_log.hpp"

namespace nine::journal::stores {
namespace {

/// An empty file of mode 0600 is a valid, empty database to SQLite, which gives the same mode to
/// its log.
result<void> make_file(environment::files& files, const std::filesystem::path& path) {
  const auto there = files.information(path);
  if (there) return {};
  if (there.error().code != error_code::not_found) return std::unexpected(there.error());
  return files.write_durably(path, "");
}

std::int64_t nanoseconds(wall_time at) {
  return at.time_since_epoch().count();
}

}  // namespace

sqlite_store::sqlite_store(sqlite_options options) : options_(std::move(options)) {}

sqlite_store::~sqlite_store() = default;

result<std::unique_ptr<sqlite_store>> sqlite_store::open(environment::files& files,
                                                         sqlite_options options) {
  const std::string context = "open journal " + options.path.string();
  const auto made = make_file(files, options.path);
  if (!made) return with_context(context, made.error());
  std::unique_ptr<sqlite_store> opened(new sqlite_store(std::move(options)));
  const auto connected = opened->connect();
  if (!connected) return with_context(context, connected.error());
  return opened;
}

result<void> sqlite_store::connect() {
  session_.reset();
  log_unsynced_ = false;
  NINE_TRY_ASSIGN(auto opened, session::open(options_));
  session_ = std::move(opened);
  return catch_up();
}

/// Learns from the file which fact is the last, and reads the newest back.
result<void> sqlite_store::catch_up() {
  NINE_TRY_ASSIGN(
      const std::int64_t last,
      session_->database.integer(
          "SELECT max(expired_up_to, (SELECT coalesce(max(sequence), 0) FROM facts)) FROM home"));
  last_ = sequence(last);
  NINE_TRY(session_->heads.begin());
  constexpr auto most = sqlite::head_rows::newest_facts;
  NINE_TRY_ASSIGN(const auto newest,
                  read_after(sequence(std::max<std::int64_t>(0, last - most)), most));
  for (const fact& one : newest) {
    if (one.damaged) return sqlite::not_what_was_written(one.number);
    NINE_TRY(session_->heads.take_in(one));
  }
  return {};
}

result<void> sqlite_store::check_open() const {
  if (session_ && !session_->failed) return {};
  return fail(error_code::unavailable, "the journal's store has failed and is not open again");
}

// --- transactions ---

result<void> sqlite_store::begin(durability how) {
  NINE_TRY(check_open());
  auto begun = session_->set_synced(how == durability::synced);
  if (begun) begun = session_->begin.run();
  session_->failed = !begun;
  return begun;
}

/// Ends the transaction; an error makes the store a failed one.
result<void> sqlite_store::end(result<void> outcome) {
  if (outcome) outcome = session_->commit.run();
  if (outcome) return {};
  session_->failed = true;
  const auto rolled_back = session_->database.execute("ROLLBACK");
  static_cast<void>(rolled_back);  // there may be no transaction left; the first cause counts
  return outcome;
}

result<void> sqlite_store::check_claim() {
  NINE_ASSERT(claimed_);
  NINE_TRY_ASSIGN(const bool row, session_->claimed.step());
  const core_epoch current(row ? session_->claimed.integer(0) : 0);
  session_->claimed.reset();
  if (current == claimed_) return {};
  return fail(error_code::fenced, fmt::format("core {} has taken over the journal from core {}",
                                              current.value(), claimed_.value()));
}

result<core_epoch> sqlite_store::claim(core_epoch known) {
  NINE_ASSERT(!claimed_);
  NINE_TRY(begin(durability::synced));
  auto outcome = sqlite::rewrite_log(session_->database);
  if (outcome) outcome = session_->raise_claim.bind(1, known.value()).run();
  if (outcome)
    outcome = catch_up();  // the predecessor may have written since this store was opened
  auto raised = outcome ? session_->claimed.step() : std::unexpected(outcome.error());
  const core_epoch mine(raised ? session_->claimed.integer(0) : 0);
  session_->claimed.reset();
  if (!raised) outcome = std::unexpected(raised.error());
  NINE_TRY(end(std::move(outcome)));
  claimed_ = mine;
  return claimed_;
}

result<void> sqlite_store::commit(std::span<const record> records, durability how,
                                  std::vector<record_outcome>& outcomes) {
  outcomes.clear();
  NINE_TRY(begin(how));
  sqlite::head_changes changed;
  NINE_TRY(end(write(records, how, outcomes, changed)));
  for (const auto& [task, change] : changed)
    last_ = std::max(last_, change.head.last);
  session_->heads.keep(changed, last_);
  log_unsynced_ = how == durability::lazy && (log_unsynced_ || !changed.empty());
  if (session_->log_pages_to_write_back() < options_.log_pages_most) return {};
  return write_log_back();
}

result<void> sqlite_store::write(std::span<const record> records, durability how,
                                 std::vector<record_outcome>& outcomes,
                                 sqlite::head_changes& changed) {
  NINE_TRY(check_claim());
  NINE_TRY(session_->keep_room_in_log());
  std::vector<record_outcome> decided;
  decided.reserve(records.size());
  sequence next = last_.next();
  for (const record& entry : records) {
    NINE_TRY_ASSIGN(auto outcome, add(entry, next, changed));
    if (outcome) next = next.next();
    decided.push_back(std::move(outcome));
  }
  NINE_TRY(session_->heads.put(changed, sequence(next.value() - 1)));
  // SQLite syncs only what it writes: a transaction without facts must write something to make
  // earlier lazy ones durable.
  const bool only_sync = changed.empty() && how == durability::synced && log_unsynced_;
  if (only_sync) NINE_TRY(session_->count_sync.run());
  outcomes = std::move(decided);
  return {};
}

/// The inner result is the record's own; the outer one that of the store.
result<record_outcome> sqlite_store::add(const record& entry, sequence next,
                                         sqlite::head_changes& changed) {
  NINE_TRY_ASSIGN(const task_head head, session_->heads.of(entry.task, changed));
  bool seen = false;
  if (!entry.unique_key.empty()) {
    NINE_TRY_ASSIGN(seen, session_->find_key.bind(1, entry.unique_key).step());
    session_->find_key.reset();
  }
  const auto admitted = admit(entry, head, seen);
  if (!admitted) return record_outcome(std::unexpected(admitted.error()));
  NINE_TRY(session_->insert_fact.bind(1, next.value())
               .bind(2, entry.task.value())
               .bind(3, entry.writer.value())
               .bind(4, head.last.value())
               .bind(5, nanoseconds(entry.at))
               .bind(6, entry.kind)
               .bind(7, entry.body)
               .bind(8, sqlite::checksum_of(entry, next, head.last))
               .run());
  if (!entry.unique_key.empty()) {
    NINE_TRY(session_->insert_key.bind(1, entry.unique_key)
                 .bind(2, entry.task.value())
                 .bind(3, nanoseconds(entry.at))
                 .run());
  }
  sqlite::advance(changed, head, entry, next);
  return record_outcome(next);
}

// --- reading ---

result<sequence> sqlite_store::last_sequence() {
  NINE_TRY(check_open());
  return last_;
}

result<std::vector<fact>> sqlite_store::read_task(task_id task) {
  NINE_TRY(check_open());
  NINE_TRY_ASSIGN(const task_head head, session_->heads.of(task, {}));
  std::vector<fact> found;
  for (sequence next = head.last; next;) {
    NINE_TRY_ASSIGN(const bool row, session_->find_fact.bind(1, next.value()).step());
    auto read = row ? sqlite::read_row(session_->find_fact) : fail(error_code::corrupted, "");
    session_->find_fact.reset();
    if (!read || read->content.task != task || read->previous >= next) {
      return fail(error_code::corrupted,
                  fmt::format("fact {} of {} is lost or damaged", next.value(), to_string(task)));
    }
    found.push_back(std::move(read->content));
    next = read->previous;
  }
  std::ranges::reverse(found);
  return found;
}

result<std::vector<fact>> sqlite_store::read_after(sequence after, std::size_t limit) {
  NINE_TRY(check_open());
  sqlite::statement& query = session_->facts_after;
  query.bind(1, after.value()).bind(2, static_cast<std::int64_t>(limit));
  std::vector<fact> found;
  for (;;) {
    NINE_TRY_ASSIGN(const bool row, query.step());
    if (!row) return found;
    auto read = sqlite::read_row(query);
    found.push_back(read ? std::move(read->content) : sqlite::damaged_fact(query));
  }
}

result<task_id> sqlite_store::find_unique(std::string_view unique_key) {
  NINE_TRY(check_open());
  NINE_TRY_ASSIGN(const bool row, session_->find_key.bind(1, unique_key).step());
  if (!row) return fail(error_code::not_found, "no fact has this unique key");
  const task_id task(session_->find_key.integer(0));
  session_->find_key.reset();
  return task;
}

result<std::vector<task_summary>> sqlite_store::tasks(task_id after, std::size_t limit) {
  NINE_TRY(check_open());
  return session_->heads.list(after, limit);
}

// --- expiry and maintenance ---

result<expiry> sqlite_store::expire(std::span<const task_id> tasks, wall_time keys_before) {
  NINE_TRY(begin(durability::synced));
  expiry gone;
  result<void> outcome = check_claim();
  for (const task_id task : tasks) {
    if (!outcome || gone.facts >= expired_facts_most) break;
    outcome = remove_task(task, gone);
  }
  if (outcome) outcome = remove_keys(keys_before, gone);
  NINE_TRY(end(std::move(outcome)));
  for (const task_id task : gone.tasks)
    session_->heads.forget(task);
  // SQLite syncs only what it writes: when nothing was due, the log is as unsynced as before.
  if (!gone.tasks.empty() || gone.unique_keys > 0) log_unsynced_ = false;
  return gone;
}

/// The chain is not checked here, but it ends whatever it says: it only goes down.
result<void> sqlite_store::remove_task(task_id task, expiry& gone) {
  NINE_TRY_ASSIGN(const task_head head, session_->heads.of(task, {}));
  if (!head.ended) return {};
  NINE_TRY_ASSIGN(auto remove_facts, session_->database.prepare(R"sql(
      WITH RECURSIVE chain(number) AS (
        SELECT ?1
        UNION
        SELECT previous FROM facts, chain
          WHERE sequence = number AND previous > 0 AND previous < sequence)
      DELETE FROM facts WHERE sequence IN (SELECT number FROM chain) AND task = ?2)sql"));
  NINE_TRY(remove_facts.bind(1, head.last.value()).bind(2, task.value()).run());
  gone.facts += static_cast<std::size_t>(sqlite3_changes64(session_->database.handle()));
  NINE_TRY(session_->heads.remove(task));
  NINE_TRY_ASSIGN(auto remember, session_->database.prepare(
                                     "UPDATE home SET expired_up_to = max(expired_up_to, ?1)"));
  NINE_TRY(remember.bind(1, head.last.value()).run());
  gone.tasks.push_back(task);
  return {};
}

result<void> sqlite_store::remove_keys(wall_time before, expiry& gone) {
  NINE_TRY_ASSIGN(
      auto remove,
      session_->database.prepare(
          "DELETE FROM unique_keys WHERE at < ?1 AND task NOT IN (SELECT task FROM task_heads)"));
  NINE_TRY(remove.bind(1, nanoseconds(before)).run());
  gone.unique_keys = static_cast<std::size_t>(sqlite3_changes64(session_->database.handle()));
  return {};
}

bool sqlite_store::maintenance_due() const {
  return session_ && !session_->failed &&
         session_->log_pages_to_write_back() >= options_.log_pages_due;
}

result<void> sqlite_store::maintain() {
  NINE_TRY(check_open());
  if (!maintenance_due()) return {};
  // Whoever was replaced must not write the log back beside its successor.
  NINE_TRY(begin(durability::synced));
  NINE_TRY(end(check_claim()));
  return write_log_back();
}

result<void> sqlite_store::write_log_back() {
  sqlite3* handle = session_->database.handle();
  const int outcome =
      sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (outcome != SQLITE_OK && outcome != SQLITE_BUSY) {
    session_->failed = true;
    return sqlite::error_of(handle);
  }
  session_->written_back = session_->log_pages;
  return {};
}

result<void> sqlite_store::reopen() {
  NINE_TRY(connect());
  if (!claimed_) return {};
  NINE_TRY(begin(durability::synced));
  auto outcome = check_claim();
  if (outcome) outcome = sqlite::rewrite_log(session_->database);
  return end(std::move(outcome));
}

}  // namespace nine::journal::stores
