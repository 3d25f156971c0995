#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "ninelives/environment/files.hpp"
#include "ninelives/journal/store.hpp"
#include "ninelives/journal/stores/sqlite/head_rows.hpp"

namespace nine::journal::stores {

struct sqlite_options {
  std::filesystem::path path;
  /// Pages (of 4 KiB) in the write-ahead log from which maintenance is due, and from which commit()
  /// writes the log back itself because nobody found the time.
  int log_pages_due = 1'024;
  int log_pages_most = 16'384;
  std::string vfs{};  ///< empty: the system's; tests put faults in between
};

/// A journal in one SQLite file. This object's connection is the only one that writes and
/// checkpoints (SQLite before 3.51.3 can corrupt a log that two connections write and checkpoint);
/// others may read. What is in the tables and what survives what: docs/journal_format.md.
class sqlite_store final : public store {
 public:
  /// Opens the journal, makes it when there is none (mode 0600, file and directory synced), brings
  /// it to this program's format and reads its newest facts back. Errors: precondition_failed (a
  /// newer format), corrupted (damaged, or no journal), unavailable (locked), and those of files.
  static result<std::unique_ptr<sqlite_store>> open(environment::files& files,
                                                    sqlite_options options);
  ~sqlite_store() override;

  result<core_epoch> claim(core_epoch known = {}) override;
  result<void> commit(std::span<const record> records, durability how,
                      std::vector<record_outcome>& outcomes) override;
  result<sequence> last_sequence() override;
  result<std::vector<fact>> read_task(task_id task) override;
  result<std::vector<fact>> read_after(sequence after, std::size_t limit) override;
  result<task_id> find_unique(std::string_view unique_key) override;
  result<std::vector<task_summary>> tasks(task_id after, std::size_t limit) override;
  result<expiry> expire(std::span<const task_id> tasks, wall_time keys_before) override;
  bool maintenance_due() const override;
  result<void> maintain() override;
  result<void> reopen() override;

 private:
  /// The connection with its statements; replaced as a whole by reopen().
  struct session;

  explicit sqlite_store(sqlite_options options);

  result<void> connect();
  result<void> catch_up();
  result<void> check_open() const;
  result<void> begin(durability how);
  result<void> check_claim();
  result<void> end(result<void> outcome);
  result<void> write(std::span<const record> records, durability how,
                     std::vector<record_outcome>& outcomes, sqlite::head_changes& changed);
  result<record_outcome> add(const record& entry, sequence next, sqlite::head_changes& changed);
  result<void> remove_task(task_id task, expiry& gone);
  result<void> remove_keys(wall_time before, expiry& gone);
  result<void> write_log_back();

  const sqlite_options options_;
  std::unique_ptr<session> session_;
  core_epoch claimed_;
  sequence last_;
  bool log_unsynced_ = false;
};

}  // namespace nine::journal::stores
