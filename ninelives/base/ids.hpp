#pragma once

#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/base/strong_id.hpp"

namespace nine {

/// A task; unique in a home, given in order of acceptance. Shown and typed as "t12".
using task_id = strong_id<struct task_id_tag>;

/// The n-th attempt at a task, from 1.
using attempt_number = strong_id<struct attempt_number_tag>;

/// Counts the incarnations of a task's agents, over all its attempts. Raised for every incarnation,
/// so that whatever an older life says can be told from the present one and refused (D3).
using epoch = strong_id<struct epoch_tag>;

/// Counts the lives of the core of a home. A core that was replaced is refused by journal and
/// shims.
using core_epoch = strong_id<struct core_epoch_tag>;

/// Place of a fact in the journal of a home, from 1, without gaps.
using sequence = strong_id<struct sequence_tag>;

std::string to_string(task_id id);

/// Reads "t12", and "12" for convenience. Error: invalid_argument.
result<task_id> parse_task_id(std::string_view text);

}  // namespace nine
