#include "simulation/environment/simulated_locks.hpp"

#include <fmt/format.h>

#include <utility>

namespace nine::simulation {
namespace {

class held_lock final : public environment::exclusive_lock {
 public:
  held_lock(lock_table& table, environment::path file, int pid)
      : table_(table), file_(std::move(file)), pid_(pid) {}
  held_lock(const held_lock&) = delete;
  held_lock& operator=(const held_lock&) = delete;
  ~held_lock() override { table_.release(file_, pid_); }

 private:
  lock_table& table_;
  environment::path file_;
  int pid_;
};

}  // namespace

result<void> lock_table::take(const environment::path& file,
                              const environment::process_identity& holder) {
  if (const auto present = this->holder(file)) {
    return fail(error_code::already_exists,
                fmt::format("'{}' is held by process {}", file.string(), present->pid));
  }
  NINE_TRY(disk_.make_entry(file));
  held_[file.string()] = holder;
  return {};
}

result<environment::process_identity> lock_table::holder(const environment::path& file) const {
  const auto found = held_.find(file.string());
  if (found != held_.end() && disk_.exists(file)) return found->second;
  return fail(error_code::not_found, fmt::format("nobody holds '{}'", file.string()));
}

void lock_table::release(const environment::path& file, int pid) {
  const auto found = held_.find(file.string());
  if (found != held_.end() && found->second.pid == pid) held_.erase(found);
}

void lock_table::process_gone(int pid) {
  std::erase_if(held_, [pid](const auto& each) { return each.second.pid == pid; });
}

result<std::unique_ptr<environment::exclusive_lock>> simulated_locks::try_lock(
    const environment::path& file, const environment::process_identity& self) {
  auto holder = self;
  holder.pid = pid_;
  NINE_TRY(table_.take(file, holder));
  return std::make_unique<held_lock>(table_, file, pid_);
}

}  // namespace nine::simulation
