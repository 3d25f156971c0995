#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "ninelives/base/time.hpp"
#include "ninelives/execution/task_state.hpp"

namespace nine::execution {

/// What a task is doing: "waiting", "running", "checking", or how it ended. Derived, never stored.
std::string_view phase_name(const task_state& state);

/// The object people and programs get for a task (`nine task show ID --json`): task, status,
/// result, missing, attempts, restarts, duration_ms, cost, reason, and what it is at. `result` is
/// the text of the result when it is there ("" for one kept in a blob that the caller did not
/// read).
boost::json::object task_view(const task_state& state, std::string_view result_text, wall_time now);

/// A fact in a sentence; its kind, when this program does not know it.
std::string what_of(const journal::fact& fact);

/// One entry per thing that happened, for `nine task explain`: [{sequence, at_ms, epoch, kind,
/// what, body}].
boost::json::array task_timeline(const std::vector<journal::fact>& facts);

}  // namespace nine::execution
