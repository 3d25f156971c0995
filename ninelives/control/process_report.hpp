#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/environment/process_facts.hpp"
#include "ninelives/supervision/agent_supervisor.hpp"

namespace nine::control {

/// A process of the home as the core knows it.
struct reported_process {
  std::string role;  ///< guard, core, gateway, shim, agent
  environment::process_identity process;
  std::string state;                      ///< unless the kernel knows better
  std::optional<duration> heartbeat_age;  ///< none: it sends none
  std::string child;                      ///< which child, for shim and agent
  nine::epoch epoch;                      ///< which life, for an agent
  std::optional<duration> starts_in{};    ///< for a shim whose agent waits for its restart
};

std::string_view to_string(supervision::child_view::state state);

/// The shim of a child, and its agent when one runs.
std::vector<reported_process> processes_of(const supervision::child_view& child);

/// The entry of `processes` in GET /v1/status. What is observed beats what is recorded (S6): a
/// process the kernel says is gone or stopped is shown as that.
boost::json::object process_json(const reported_process& known,
                                 const environment::process_facts& seen);

/// How long ago the loop of a process last turned, by the pauses seen of it: a process that works
/// waits between its passes. Pure; one for each process.
class heartbeat_observer {
 public:
  void seen(const environment::process_identity& process, std::uint64_t pauses, monotonic_time now);

  /// None before two looks at one process.
  std::optional<duration> age(monotonic_time now) const;

 private:
  environment::process_identity process_;
  std::uint64_t pauses_ = 0;
  std::optional<monotonic_time> last_;
};

}  // namespace nine::control
