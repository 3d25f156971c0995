#pragma once

#include "ninelives/environment/exclusive_lock.hpp"

namespace nine::environment {

/// Open-file-description locks (fcntl(2)): unlike flock() they can be looked at without being
/// taken, and unlike classic POSIX locks they are not lost when the file is closed elsewhere in the
/// process.
class real_locks : public locks {
 public:
  result<std::unique_ptr<exclusive_lock>> try_lock(const std::filesystem::path& file,
                                                   const process_identity& self) override;
  result<process_identity> holder(const std::filesystem::path& file) override;
};

}  // namespace nine::environment
