#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/execution/task_state.hpp"
#include "ninelives/orchestration/launch.hpp"
#include "ninelives/telemetry/redactor.hpp"

namespace nine::orchestration {

/// A live task in the core's memory: its facts folded, and what can be had again from files.
struct task_run {
  execution::task_state state;
  environment::async_event changed;  ///< a fact was recorded, a place was given, a child has ended
  std::string expected;  ///< the child that the supervisor has and that was not heard of yet
  std::set<std::string> leaving;               ///< their shims are still to go
  std::string stopping;                        ///< the child that was asked to end
  std::optional<telemetry::redactor> secrets;  ///< once they were needed
  std::uint32_t postponements = 0;             ///< in a row, of the same work
  monotonic_time postponed_until{};            ///< when it is tried again
  bool outputs_are_ours = false;  ///< none is of a life whose start an earlier core lost
  std::map<std::string, launch, std::less<>> launches;  ///< of the children of the present attempt
};

using run_pointer = std::shared_ptr<task_run>;

}  // namespace nine::orchestration
