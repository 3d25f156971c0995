#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "ninelives/base/result.hpp"
#include "ninelives/configuration/plan.hpp"
#include "ninelives/execution/content.hpp"

namespace nine::execution {

/// Everything about a task that was settled when it was accepted: later changes of the
/// configuration do not touch it. Holds no secrets: the caller's environment is kept in a file of
/// its own (mode 0600).
struct task_specification {
  configuration::task_plan plan;
  std::string text;       ///< what the user asked for
  content input;          ///< given with the task; else the plan's input command makes it
  std::string directory;  ///< where its agents and gates run
  std::string retry_of;   ///< the task this one repeats; empty: none

  bool operator==(const task_specification&) const = default;
};

boost::json::value to_json(const task_specification& specification);
/// Error: corrupted.
result<task_specification> task_specification_from_json(const boost::json::value& value);

}  // namespace nine::execution
