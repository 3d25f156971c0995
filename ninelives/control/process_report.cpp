#include "ninelives/control/process_report.hpp"

namespace nine::control {

std::string_view to_string(supervision::child_view::state state) {
  switch (state) {
    case supervision::child_view::state::starting:
      return "starting";
    case supervision::child_view::state::running:
      return "running";
    case supervision::child_view::state::restarting:
      return "restarting";
    case supervision::child_view::state::stopping:
      return "stopping";
    case supervision::child_view::state::finished:
      break;
  }
  return "finished";
}

std::vector<reported_process> processes_of(const supervision::child_view& child) {
  std::vector<reported_process> processes;
  if (child.shim) {
    processes.push_back({.role = "shim",
                         .process = child.shim,
                         .state = child.connected ? "connected" : "unknown",
                         .heartbeat_age = {},
                         .child = child.name,
                         .epoch = {},
                         .starts_in = child.starts_in});
  }
  if (child.agent) {
    processes.push_back({.role = "agent",
                         .process = child.agent,
                         .state = std::string(to_string(child.now)),
                         .heartbeat_age = {},
                         .child = child.name,
                         .epoch = child.incarnation,
                         .starts_in = {}});
  }
  return processes;
}

boost::json::object process_json(const reported_process& known,
                                 const environment::process_facts& seen) {
  auto state = known.state;
  if (seen.now == environment::liveness::gone) state = "gone";
  if (seen.stopped) state = "stopped";
  boost::json::object entry{{"role", known.role}, {"pid", known.process.pid}, {"state", state}};
  entry["since_ms"] = seen.started == wall_time{}
                          ? boost::json::value()
                          : boost::json::value(to_milliseconds(seen.started));
  entry["heartbeat_age_ms"] = known.heartbeat_age
                                  ? boost::json::value(to_milliseconds(*known.heartbeat_age))
                                  : boost::json::value();
  if (!known.child.empty()) entry["child"] = known.child;
  if (known.starts_in) entry["agent_starts_in_ms"] = to_milliseconds(*known.starts_in);
  if (known.epoch) entry["epoch"] = known.epoch.value();
  return entry;
}

void heartbeat_observer::seen(const environment::process_identity& process, std::uint64_t pauses,
                              monotonic_time now) {
  if (process != process_) {
    process_ = process;
    last_.reset();
  } else if (pauses != pauses_) {
    last_ = now;
  }
  pauses_ = pauses;
}

std::optional<duration> heartbeat_observer::age(monotonic_time now) const {
  if (!last_) return std::nullopt;
  return now - *last_;
}

}  // namespace nine::control
