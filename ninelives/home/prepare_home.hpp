#pragma once

#include <string>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/environment/random.hpp"
#include "ninelives/home/home_layout.hpp"

namespace nine::home {

/// Makes the directories of a home that are missing. Error: permission_denied when the socket
/// directory belongs to somebody else or is open to others (who could then answer in our name).
result<void> prepare_home(environment::files& files, const home_layout& layout);

/// The home's secret, 64 hexadecimal digits (256 bits of chance); made when there is none. Call it
/// only under the guard's lock, or under the core's where no guard has been. Error: corrupted when
/// the file holds something else.
result<std::string> ensure_home_key(environment::files& files, environment::random& random,
                                    const home_layout& layout);

/// The home's secret, for processes that do not hold the guard's lock. Error: not_found, corrupted.
result<std::string> read_home_key(environment::files& files, const home_layout& layout);

}  // namespace nine::home
