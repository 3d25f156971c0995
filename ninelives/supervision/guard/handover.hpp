#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/environment/process_identity.hpp"
#include "ninelives/environment/processes.hpp"

/// What guard and services tell each other when one starts the other: systemd's variables, and two
/// of our own. See docs/processes.md.
namespace nine::supervision::guard {

/// Names of the listening sockets in LISTEN_FDNAMES.
inline constexpr std::string_view control_socket_name = "control";
inline constexpr std::string_view agent_socket_name = "agent";

inline constexpr std::string_view home_variable = "NINE_HOME";
/// To a service: which process is its guard, and that the service shall replace it when it dies.
inline constexpr std::string_view guard_variable = "NINE_GUARD";
/// To a guard: which core runs already.
inline constexpr std::string_view adopt_core_variable = "NINE_ADOPT_CORE";

/// A process as it is named in those variables: pid, colon, start time. The boot id is left out:
/// variables do not outlive a boot.
struct process_name {
  std::int32_t pid = 0;
  std::uint64_t start_time = 0;
  bool operator==(const process_name&) const = default;
};
std::string to_string(const process_name& name);
process_name name_of(const environment::process_identity& process);
/// Error: invalid_argument.
result<process_name> parse_process_name(std::string_view text);

/// The process of that name while it lives. Error: not_found when it is gone or another one has its
/// pid.
result<environment::process_identity> find_process(environment::processes& processes,
                                                   const process_name& name);

/// `base` without what systemd's conventions and ours set for one process alone (NOTIFY_SOCKET,
/// WATCHDOG_*, LISTEN_*, NINE_GUARD, NINE_ADOPT_CORE, NINE_HOME), then `additions`.
std::vector<std::string> environment_for(const std::vector<std::string>& base,
                                         const std::vector<std::string>& additions);

/// WATCHDOG_USEC as systemd writes it. Zero when empty or not a number: no watchdog.
duration parse_watchdog(std::string_view microseconds);

}  // namespace nine::supervision::guard
