#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "ninelives/journal/store.hpp"

namespace nine::journal::stores {

enum class store_fault {
  none,
  before,    ///< nothing is done; io_error
  after,     ///< done and synced, but the answer is an error
  unsynced,  ///< commit(): done without sync, then io_error; others: as `before`
  fenced,    ///< commit(): nothing is done; `fenced`; others: as `before`
};

/// Asked before each operation that may fail (commit, expire, maintain, reopen; counted from 1);
/// a script or a seed decides.
using fault_plan = std::function<store_fault(std::uint64_t operation)>;

/// The n-th operation fails so, all others succeed.
fault_plan fail_operation(std::uint64_t n, store_fault how);

/// Puts faults in front of another store. Like a real one it stays failed from a fault on until
/// reopen() succeeds.
class faulty_store final : public store {
 public:
  faulty_store(std::unique_ptr<store> inner, fault_plan plan);

  result<core_epoch> claim(core_epoch known = {}) override { return inner_->claim(known); }
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
  result<void> check_open() const;
  store_fault next_fault() { return plan_(++operations_); }
  std::unexpected<error> break_down(const char* how);

  const std::unique_ptr<store> inner_;
  const fault_plan plan_;
  std::uint64_t operations_ = 0;
  bool failed_ = false;
};

}  // namespace nine::journal::stores
