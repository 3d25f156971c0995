#pragma once

#include <map>
#include <memory>
#include <string>

#include "ninelives/environment/exclusive_lock.hpp"
#include "simulation/environment/simulated_disk.hpp"

namespace nine::simulation {

/// Who holds which lock file on a machine. The kernel lets go of what a dead process held. A lock
/// whose file was removed is held no longer as far as others can see: they make a new file.
class lock_table {
 public:
  explicit lock_table(simulated_disk& disk) : disk_(disk) {}

  result<void> take(const environment::path& file, const environment::process_identity& holder);
  result<environment::process_identity> holder(const environment::path& file) const;
  void release(const environment::path& file, int pid);
  void process_gone(int pid);

 private:
  simulated_disk& disk_;
  std::map<std::string, environment::process_identity> held_;
};

class simulated_locks final : public environment::locks {
 public:
  simulated_locks(lock_table& table, int pid) : table_(table), pid_(pid) {}

  result<std::unique_ptr<environment::exclusive_lock>> try_lock(
      const environment::path& file, const environment::process_identity& self) override;
  result<environment::process_identity> holder(const environment::path& file) override {
    return table_.holder(file);
  }

 private:
  lock_table& table_;
  int pid_;
};

}  // namespace nine::simulation
