#pragma once

#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/execution/task_state.hpp"

namespace nine::execution {

/// What an agent that asks to begin a step is to do.
enum class step_verdict {
  run,       ///< do it; the intent is to be recorded first
  finished,  ///< it was done before: take the recorded result
  verify,    ///< begun by an earlier life and verifiable: find out whether it happened, then finish
             ///< it
  compensate,  ///< begun by an earlier life: undo what it may have done, then do it
  uncertain,   ///< begun by an earlier life, and never to be done twice: a person decides
};
std::string_view to_string(step_verdict verdict);

struct step_request {
  epoch writer;            ///< the incarnation that asks
  attempt_number attempt;  ///< which it works at
  std::string key;
  effect kind = effect::pure;
};

constexpr std::size_t step_key_bytes_most = 256;
constexpr std::size_t steps_per_attempt_most = 100'000;

/// Decides on a step of the attempt that runs now (D1, D2). What it did to the world an earlier
/// attempt's step counts for as well; what is pure or idempotent is done anew. Errors: fenced (an
/// older incarnation asks), invalid_argument (key, or a kind of effect other than before),
/// precondition_failed (no attempt runs), resource_exhausted (too many steps).
result<step_verdict> begin_step(const task_state& state, const step_request& request);

/// May this incarnation report the step's result? Errors: fenced, not_found (no intent),
/// precondition_failed (finished before).
result<void> check_finish_step(const task_state& state, epoch writer, attempt_number number,
                               std::string_view key);

}  // namespace nine::execution
