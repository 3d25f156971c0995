#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/configuration/settings.hpp"

namespace nine::configuration {

/// All a task needs of the configuration, resolved: what it was accepted with stays with it,
/// whatever the files say later.
struct task_plan {
  std::string type;    ///< empty: a task in free words
  std::string prompt;  ///< of the type; empty: the task's own words are the prompt
  task_input input;
  std::vector<agent> ladder;            ///< best first, at least one
  std::map<std::string, model> models;  ///< those that agents of the ladder ask
  std::vector<command_line> gates;
  std::vector<validation> validate;
  std::uint32_t retries = 3;
  duration timeout = 1h;
  duration gate_timeout = 10min;

  bool operator==(const task_plan&) const = default;
};

/// The plan for a task type. Error: not_found, with the nearest known type.
result<task_plan> plan_type(const settings& all, std::string_view type);

/// The plan for a task in free words by this agent; an empty name is `defaults.agent`.
/// Errors: not_found, with the nearest known agent; invalid_argument, no name and no default.
result<task_plan> plan_agent(const settings& all, std::string_view agent_name);

/// The plan for a task in free words by a command that no file names.
task_plan plan_command(const settings& all, agent definition);

boost::json::object to_json(const task_plan& plan);

/// Reads what to_json wrote. Error: corrupted, saying what is wrong.
result<task_plan> task_plan_from_json(const boost::json::value& value);

}  // namespace nine::configuration
