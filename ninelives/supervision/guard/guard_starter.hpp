#pragma once

#include "ninelives/base/result.hpp"
#include "ninelives/environment/exclusive_lock.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/environment/processes.hpp"
#include "ninelives/home/home_layout.hpp"
#include "ninelives/supervision/guard/guard_link.hpp"

namespace nine::supervision::guard {

/// For whoever waits for a home and finds nobody there: a client, a shim.
enum class guard_presence {
  running,  ///< a guard holds the lock; it needs no help, only time
  started,  ///< one was started; of several started at once the lock lets one live
  stopped,  ///< the home is stopped on purpose: only a person starts it again (S16)
};

/// Starts a guard when the home has none and is not stopped. Does not wait for it: connect to the
/// control socket, and repeat this call (with a backoff) while that fails. Blocks for some file
/// operations. Error: what made the directories or the start fail.
result<guard_presence> ensure_guard(environment::files& files, environment::locks& locks,
                                    environment::processes& processes,
                                    const home::home_layout& layout, const guard_command& command);

}  // namespace nine::supervision::guard
