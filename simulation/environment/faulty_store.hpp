#pragma once

#include <functional>
#include <memory>

#include "ninelives/journal/store.hpp"
#include "simulation/scheduler/random_stream.hpp"

namespace nine::simulation {

struct store_faults {
  double commit_lost = 0;   ///< share of transactions that fail and have not taken place
  double commit_kept = 0;   ///< share that fail although they have, not synced
  double read_error = 0;    ///< share of questions that fail
  double reopen_error = 0;  ///< share of reopenings that fail
};

/// A store over another one that fails as disks do. As the contract says, it then fails until it is
/// reopened; and reopening makes durable what the store shows from then on.
class faulty_store final : public journal::store {
 public:
  /// `reopened`, if set, is told of each reopening that succeeded.
  faulty_store(std::unique_ptr<journal::store> inner, random_stream random,
               const store_faults& plan, std::function<void()> reopened = {})
      : inner_(std::move(inner)), random_(random), faults_(plan), reopened_(std::move(reopened)) {}

  result<core_epoch> claim(core_epoch known = {}) override;
  result<void> commit(std::span<const journal::record> records, journal::durability how,
                      std::vector<journal::record_outcome>& outcomes) override;
  result<sequence> last_sequence() override;
  result<std::vector<journal::fact>> read_task(task_id task) override;
  result<std::vector<journal::fact>> read_after(sequence after, std::size_t limit) override;
  result<task_id> find_unique(std::string_view unique_key) override;
  result<std::vector<journal::task_summary>> tasks(task_id after, std::size_t limit) override;
  result<journal::expiry> expire(std::span<const task_id> tasks, wall_time keys_before) override;
  result<void> reopen() override;

 private:
  result<void> check(double share);

  std::unique_ptr<journal::store> inner_;
  random_stream random_;
  const store_faults& faults_;
  std::function<void()> reopened_;
  bool failed_ = false;
};

}  // namespace nine::simulation
