#include "ninelives/orchestration/fact_log.hpp"

#include "ninelives/execution/fact_text.hpp"

namespace nine::orchestration {
namespace {

using execution::attempt_outcome;
using execution::task_status;
using telemetry::level;

struct level_rule {
  level operator()(const execution::rung_skipped&) const { return level::warning; }
  level operator()(const execution::work_postponed&) const { return level::warning; }
  level operator()(const execution::step_uncertain&) const { return level::warning; }
  level operator()(const execution::incarnation_started&) const { return level::debug; }
  level operator()(const execution::step_intended&) const { return level::debug; }
  level operator()(const execution::step_finished&) const { return level::debug; }
  level operator()(const execution::step_replayed&) const { return level::debug; }
  level operator()(const execution::incarnation_ended& fact) const {
    return fact.asked || fact.exit.success() ? level::info : level::warning;
  }
  level operator()(const execution::attempt_ended& fact) const {
    const bool fine =
        fact.outcome == attempt_outcome::delivered || fact.outcome == attempt_outcome::cancelled;
    return fine ? level::info : level::warning;
  }
  level operator()(const execution::check_ended& fact) const {
    return fact.passed ? level::info : level::warning;
  }
  level operator()(const execution::task_ended& fact) const {
    if (fact.status == task_status::failed) return level::error;
    return fact.status == task_status::degraded ? level::warning : level::info;
  }
  template <class Other>
  level operator()(const Other&) const {
    return level::info;
  }
};

epoch incarnation_in(const execution::event& fact) {
  return std::visit(
      [](const auto& specific) {
        if constexpr (requires { specific.incarnation; }) return specific.incarnation;
        return epoch();
      },
      fact);
}

}  // namespace

level level_of(const execution::event& fact) {
  return std::visit(level_rule(), fact);
}

fact_line describe(const execution::task_state& state, const execution::event& fact) {
  fact_line line{execution::sentence_of(fact), {.task = state.id}};
  if (const auto* attempt = state.current_attempt()) {
    line.about.attempt = attempt->number;
    line.about.agent = attempt->agent;
  }
  line.about.epoch = incarnation_in(fact);
  if (!line.about.epoch) line.about.epoch = state.current;
  return line;
}

void log_fact(const telemetry::logger& log, const execution::task_state& state,
              const execution::event& fact) {
  const auto how = level_of(fact);
  if (!log.writes(how)) return;
  const auto line = describe(state, fact);
  log.with(line.about).write(how, kind_of(fact), line.message, {});
}

}  // namespace nine::orchestration
