#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "ninelives/journal/store.hpp"

namespace nine::journal::stores {

enum class store_operation { claim, commit, read, expire, maintain, reopen };

enum class store_fault {
  none,
  before,  ///< nothing is done; io_error
  after,   ///< commit(), expire(): done and synced, but the answer is an error; others: as `before`
  unsynced,  ///< commit(): done without sync, then io_error; others: as `before`
  fenced,    ///< commit(): nothing is done; `fenced`; others: as `before`
};

/// Asked before each operation of a store that is open, and before reopening; a script or a seed
/// decides.
using fault_plan = std::function<store_fault(store_operation)>;

/// The n-th commit (from 1) fails so, all else succeeds.
fault_plan fail_commit(std::uint64_t n, store_fault how);

/// Puts faults in front of another store. Like a real one it stays failed from a fault on until
/// reopen() succeeds, and then makes durable what it shows from there on.
class faulty_store final : public store {
 public:
  /// `reopened`, if set, is told of each reopening that succeeded.
  faulty_store(std::unique_ptr<store> inner, fault_plan plan, std::function<void()> reopened = {});

  result<core_epoch> claim(core_epoch known = {}) override;
  result<void> commit(std::span<const record> records, durability how,
                      std::vector<record_outcome>& outcomes) override;
  result<sequence> last_sequence() override;
  result<std::vector<fact>> read_task(task_id task) override;
  result<std::vector<fact>> read_after(sequence after, std::size_t limit) override;
  result<task_id> find_unique(std::string_view unique_key) override;
  result<std::vector<task_summary>> tasks(task_id after, std::size_t limit) override;
  result<expiry> expire(std::span<const task_id> tasks, wall_time keys_before) override;
  bool maintenance_due() const override { return inner_->maintenance_due(); }
  result<void> maintain() override;
  result<void> reopen() override;

 private:
  /// An error when the store has failed before, or fails now in any way but those of a commit.
  result<void> meet_fault(store_operation what);
  result<void> check_open() const;
  std::unexpected<error> break_down(std::string_view when);

  const std::unique_ptr<store> inner_;
  const fault_plan plan_;
  const std::function<void()> reopened_;
  bool failed_ = false;
};

}  // namespace nine::journal::stores
