#pragma once

#include <filesystem>
#include <memory>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/process_identity.hpp"

namespace nine::environment {

/// A held lock; destroying it, or the death of the process in any way, releases it. Children never
/// inherit it.
class exclusive_lock {
 public:
  virtual ~exclusive_lock() = default;
};

/// Locks on files that decide which one process of a home plays a role (S8). Local file systems
/// only. Thread: any; nothing here waits.
class locks {
 public:
  virtual ~locks() = default;

  /// Takes the lock and writes `self` into the file, for people and for holder(). The file stays
  /// when the lock is released; never remove it. Error: already_exists when another process (or
  /// this one) holds it, with the holder in the message; permission_denied, io_error.
  virtual result<std::unique_ptr<exclusive_lock>> try_lock(const std::filesystem::path& file,
                                                           const process_identity& self) = 0;

  /// Who holds it now; asking disturbs nobody. Error: not_found when nobody does; unavailable when
  /// somebody does but has not written who it is yet.
  virtual result<process_identity> holder(const std::filesystem::path& file) = 0;
};

}  // namespace nine::environment
