#pragma once

#include "ninelives/base/result.hpp"
#include "ninelives/environment/exit_status.hpp"
#include "ninelives/environment/process_identity.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment::system {

/// A handle on one process that never means another: what is sent after its end reaches nobody. It
/// becomes readable when the process has ended.
class pidfd {
 public:
  /// Opens by pid and then checks that it is this very process. Error: not_found when it is gone.
  static result<pidfd> open(const process_identity& process);

  explicit pidfd(descriptor opened) : descriptor_(std::move(opened)) {}

  int native_handle() const { return descriptor_.get(); }
  descriptor release() && { return std::move(descriptor_); }

  /// Error: not_found when it is gone.
  result<void> send_signal(int signal_number) const;

 private:
  descriptor descriptor_;
};

/// Reaps the child behind a pidfd, if it has ended. Errors: precondition_failed (it runs),
/// not_found (no child of this process, or reaped already).
result<exit_status> reap(int pidfd_descriptor);

/// For a child that cannot be kept track of. Waits until it is gone.
void kill_and_reap(int pidfd_descriptor);

}  // namespace nine::environment::system
