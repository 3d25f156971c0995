#pragma once

#include <memory>

#include "ninelives/journal/store.hpp"
#include "ninelives/journal/stores/memory/memory_medium.hpp"

namespace nine::journal::stores {

/// A store without a disk, for simulation and tests. Several may stand on one medium, as several
/// processes may open one file; the last that claimed writes.
class memory_store final : public store {
 public:
  explicit memory_store(std::shared_ptr<memory_medium> medium);

  result<core_epoch> claim(core_epoch known = {}) override;
  result<void> commit(std::span<const record> records, durability how,
                      std::vector<record_outcome>& outcomes) override;
  result<sequence> last_sequence() override;
  result<std::vector<fact>> read_task(task_id task) override;
  result<std::vector<fact>> read_after(sequence after, std::size_t limit) override;
  result<task_id> find_unique(std::string_view unique_key) override;
  result<std::vector<task_summary>> tasks(task_id after, std::size_t limit) override;
  result<expiry> expire(std::span<const task_id> tasks, wall_time keys_before) override;
  result<void> reopen() override;

 private:
  result<void> check_claim() const;
  record_outcome add(const record& entry);

  const std::shared_ptr<memory_medium> medium_;
  core_epoch claimed_;
};

}  // namespace nine::journal::stores
