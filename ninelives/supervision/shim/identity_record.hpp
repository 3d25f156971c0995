#pragma once

#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/environment/process_identity.hpp"

/// How a process is named in a file of a shim's directory.
namespace nine::supervision::shim {

/// In the shim's directory while an agent runs: which process that is. Written after the start, not
/// synced: whoever must end what a killed shim left finds more by it, and the rest without it.
inline constexpr std::string_view agent_file = "agent";
inline constexpr bytes identity_bytes_most = 4 * KiB;

/// "PID START_TIME BOOT_ID\n".
std::string format_identity(const environment::process_identity& process);

/// Error: corrupted.
result<environment::process_identity> parse_identity(std::string_view text);

}  // namespace nine::supervision::shim
