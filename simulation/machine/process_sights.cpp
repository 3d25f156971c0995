#include "simulation/machine/process_sights.hpp"

#include <algorithm>

#include "simulation/machine/machine.hpp"

namespace nine::simulation {

using environment::process_sight;

namespace {

/// An orphan is the first process's; its parent's number may be another's by now.
int parent_of(machine& host, const process_record& child) {
  const auto* parent = host.find(child.parent);
  const bool lives = parent != nullptr && parent->process->name() == child.parent_key;
  return lives ? child.parent : 1;
}

}  // namespace

environment::look_at_processes look_at(machine& host) {
  return [&host](const std::vector<std::string>& prefixes) -> result<std::vector<process_sight>> {
    if (host.draw_unknown()) return fail(error_code::io_error, "read /proc: Input/output error");
    std::vector<process_sight> seen;
    for (const auto* each : host.alive()) {
      process_sight sight{.identity = each->identity,
                          .parent = parent_of(host, *each),
                          .group = each->identity.pid,
                          .session = each->identity.pid};
      for (const auto& entry : each->specification.environment) {
        const auto fits = [&entry](const auto& prefix) { return entry.starts_with(prefix); };
        if (std::ranges::any_of(prefixes, fits)) sight.marks.push_back(entry);
      }
      seen.push_back(std::move(sight));
    }
    return seen;
  };
}

}  // namespace nine::simulation
