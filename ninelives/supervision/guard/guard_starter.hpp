#pragma once

#include <optional>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/exclusive_lock.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/environment/processes.hpp"
#include "ninelives/home/home_layout.hpp"
#include "ninelives/supervision/guard/guard_link.hpp"

namespace nine::supervision::guard {

enum class guard_presence {
  running,  ///< a guard holds the lock, or was started a moment ago; it needs no help, only time
  started,  ///< one was started; of several started at once the lock lets one live
  stopped,  ///< the home is stopped on purpose: only a person starts it again (S16)
};

struct guard_starter_seams {
  environment::clock& clock;
  environment::files& files;
  environment::locks& locks;
  environment::processes& processes;
};

/// For whoever waits for a home and finds nobody there. Thread: one at a time.
class guard_starter {
 public:
  guard_starter(guard_starter_seams seams, home::home_layout layout, guard_command command);

  /// Starts a guard when the home has none and is not stopped. Does not wait for it: connect to the
  /// control socket, and repeat this call (with a backoff) while that fails. Blocks for some file
  /// operations. Error: what made the directories or the start fail.
  result<guard_presence> ensure();

 private:
  bool is_coming();
  result<void> start();

  guard_starter_seams seams_;
  home::home_layout layout_;
  guard_command command_;
  std::optional<environment::process_identity> begun_;
  monotonic_time begun_at_{};
};

}  // namespace nine::supervision::guard
