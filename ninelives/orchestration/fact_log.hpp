#pragma once

#include <string>

#include "ninelives/execution/facts.hpp"
#include "ninelives/execution/task_state.hpp"
#include "ninelives/telemetry/logger.hpp"

namespace nine::orchestration {

/// What the log says about a fact.
struct fact_line {
  std::string message;
  telemetry::log_identity about;  ///< task, attempt, incarnation, agent, as far as known
};

/// How much a fact matters to somebody who reads the log: what died or was not accepted is a
/// warning, a step is for finding defects.
telemetry::level level_of(const execution::event& fact);

/// `state` has the fact already. The user's own words stay out of it.
fact_line describe(const execution::task_state& state, const execution::event& fact);

/// Writes the fact to the log under the name of its kind. Costs nothing where its level is not
/// written.
void log_fact(const telemetry::logger& log, const execution::task_state& state,
              const execution::event& fact);

}  // namespace nine::orchestration
