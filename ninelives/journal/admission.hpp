#pragma once

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/journal/fact.hpp"

namespace nine::journal {

/// What every store keeps of a task beside its facts, changed in the transaction that adds a fact.
struct task_head {
  epoch current;
  sequence last;  ///< the task's newest fact
  bool ended = false;
  wall_time ended_at{};

  bool operator==(const task_head&) const = default;
};

/// Whether a record may become a fact of the task with this head: the rules that all stores share.
/// Refusals: fenced, precondition_failed, already_exists.
result<void> admit(const record& entry, const task_head& head, bool unique_key_seen);

/// The head after the record has become fact `number`.
task_head advance(task_head head, const record& entry, sequence number);

}  // namespace nine::journal
