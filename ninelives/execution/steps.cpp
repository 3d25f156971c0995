#include "ninelives/execution/steps.hpp"

#include <fmt/format.h>

namespace nine::execution {
namespace {

/// The attempt whose agent lives now, seen by one of its incarnations.
result<const attempt_state*> running_attempt(const task_state& state, epoch writer,
                                             attempt_number number) {
  if (writer != state.current) {
    return fail(error_code::fenced,
                fmt::format("incarnation {} was replaced by {}; this one must stop", writer.value(),
                            state.current.value()));
  }
  const auto* attempt = state.current_attempt();
  // Until the next attempt's first life begins, the epoch is still that of the last one's.
  const bool of_another = attempt && attempt->number != number;
  const bool over = !attempt || of_another || attempt->ended || state.ended || state.cancelled;
  if (over) return fail(error_code::fenced, "this attempt of the task runs no more; stop");
  return attempt;
}

/// An intent of an earlier life without a result: what that life did is not known.
step_verdict after_unknown_end(effect kind) {
  switch (kind) {
    case effect::pure:
    case effect::idempotent:
      return step_verdict::run;
    case effect::verifiable:
      return step_verdict::verify;
    case effect::compensable:
      return step_verdict::compensate;
    case effect::once:
      break;
  }
  return step_verdict::uncertain;
}

result<void> check_same_effect(const step_state& step, const step_request& request) {
  if (step.kind == request.kind) return {};
  return fail(error_code::invalid_argument,
              fmt::format("step '{}' was begun with effect {}, not {}", request.key,
                          to_string(step.kind), to_string(request.kind)));
}

}  // namespace

std::string_view to_string(step_verdict verdict) {
  switch (verdict) {
    case step_verdict::run:
      return "run";
    case step_verdict::finished:
      return "finished";
    case step_verdict::verify:
      return "verify";
    case step_verdict::compensate:
      return "compensate";
    case step_verdict::uncertain:
      break;
  }
  return "uncertain";
}

result<step_verdict> begin_step(const task_state& state, const step_request& request) {
  if (request.key.empty() || request.key.size() > step_key_bytes_most) {
    return fail(error_code::invalid_argument,
                fmt::format("a step's key has 1 to {} bytes", step_key_bytes_most));
  }
  NINE_TRY_ASSIGN(const attempt_state* attempt,
                  running_attempt(state, request.writer, request.attempt));
  const auto found = attempt->steps.find(request.key);
  if (found == attempt->steps.end()) {
    if (attempt->steps.size() >= steps_per_attempt_most)
      return fail(error_code::resource_exhausted, "the attempt has too many steps");
    // The world does not forget with the attempt what was done to it.
    const auto* earlier = state.earlier_step(attempt->number, request.key);
    if (!earlier) return step_verdict::run;
    NINE_TRY(check_same_effect(*earlier, request));
    return earlier->finished ? step_verdict::finished : after_unknown_end(earlier->kind);
  }
  const auto& step = found->second;
  if (step.finished) return step_verdict::finished;
  NINE_TRY(check_same_effect(step, request));
  if (step.uncertain) return step_verdict::uncertain;
  // The same life asks again: our first answer was lost, and nothing was done without it.
  const bool lost_answer = step.intended_in == request.writer;
  if (lost_answer && !step.doubtful) return step_verdict::run;
  return after_unknown_end(step.kind);
}

result<void> check_finish_step(const task_state& state, epoch writer, attempt_number number,
                               std::string_view key) {
  NINE_TRY_ASSIGN(const attempt_state* attempt, running_attempt(state, writer, number));
  const auto found = attempt->steps.find(key);
  if (found == attempt->steps.end()) {
    return fail(error_code::not_found, fmt::format("step '{}' was never begun", key));
  }
  if (found->second.finished) {
    return fail(error_code::precondition_failed, fmt::format("step '{}' is finished already", key));
  }
  return {};
}

}  // namespace nine::execution
