#include "ninelives/orchestration/child_role.hpp"

#include <fmt/format.h>

#include "ninelives/orchestration/kinds_of_error.hpp"

namespace nine::orchestration {

child_role role_of_child(const execution::task_state& state, const std::string& child) {
  using kind = child_role::kind;
  if (child == execution::input_child(state.id)) return {kind::input};
  const auto* attempt = state.current_attempt();
  if (!attempt) return {};
  if (child == execution::attempt_child(state.id, attempt->number)) return {kind::agent};
  const auto gates = static_cast<int>(state.specification.plan.gates.size());
  for (int gate = 0; gate < gates; ++gate) {
    if (child == execution::gate_child(state.id, attempt->number, gate)) return {kind::gate, gate};
  }
  return {};
}

const configuration::agent& current_agent(const execution::task_state& state) {
  return state.specification.plan.ladder[static_cast<std::size_t>(state.current_attempt()->rung)];
}

std::string name_of(const configuration::command_line& command) {
  return fmt::format("{}", fmt::join(command.words, " "));
}

std::optional<execution::event> launch_failure(const execution::task_state& state,
                                               const std::string& child, const error& why) {
  if (state.cancelled) return {};  // it is to end, not to have failed
  const auto role = role_of_child(state, child);
  const auto message = fmt::format("it could not be started: {}", why.message);
  const auto* attempt = state.current_attempt();
  switch (role.what) {
    case child_role::kind::input:
      return execution::task_ended{.status = execution::task_status::failed,
                                   .result = {},
                                   .missing = {},
                                   .reason = "the input command: " + message};
    case child_role::kind::agent:
      if (attempt->ended) return {};
      return execution::attempt_ended{.attempt = attempt->number,
                                      .outcome = is_final(why)
                                                     ? execution::attempt_outcome::unavailable
                                                     : execution::attempt_outcome::failed,
                                      .reason = message,
                                      .result = {}};
    case child_role::kind::gate: {
      const auto& gate = state.specification.plan.gates[static_cast<std::size_t>(role.gate)];
      return execution::check_ended{.attempt = attempt->number,
                                    .check = static_cast<int>(attempt->checks.size()),
                                    .name = name_of(gate),
                                    .passed = false,
                                    .evidence = message};
    }
    case child_role::kind::past:
      break;
  }
  return {};
}

}  // namespace nine::orchestration
