#pragma once

#include <cstddef>

#include "ninelives/base/time.hpp"
#include "ninelives/base/units.hpp"

namespace nine::journal {

struct journal_limits {
  /// Records that are not yet durable, and the bytes in them. Beyond either, append() and enqueue()
  /// refuse with resource_exhausted; what an incarnation writes and what is appended already beyond
  /// three quarters, so that there is room for what the core itself has seen.
  std::size_t queue_records = 65'536;
  bytes queue_bytes = 256 * MiB;

  /// Most in one transaction. One record always fits.
  std::size_t batch_records = 4'096;
  bytes batch_bytes = 8 * MiB;

  /// Larger ones are refused with too_large: such a body belongs into a blob.
  bytes body_bytes = 1 * MiB;
  bytes kind_bytes = 128;
  bytes unique_key_bytes = 512;

  /// Lazy records are synced at the latest when they are this old.
  duration lazy_sync_after{1s};

  /// Quiet time before the store's maintenance, so that it does not stand in somebody's way.
  duration maintain_after{20ms};

  /// Wait before the first reopening of a failed store; doubles up to `reopen_most`.
  duration reopen_first{100ms};
  duration reopen_most{5s};
};

}  // namespace nine::journal
