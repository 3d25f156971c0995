#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/home/home_layout.hpp"

namespace nine::home {

/// Why and since when a home is stopped.
struct tombstone {
  std::string reason;
  wall_time since{};
  bool ending = false;  ///< guard and core may run, to end what is left of it and nothing else
  bool operator==(const tombstone&) const = default;
};

/// From the return of this on nothing starts the home by itself, a reboot included (S16). Durable.
/// The reason is one line; a second call replaces reason and time.
result<void> mark_stopped(environment::files& files, const home_layout& layout,
                          std::string_view reason, wall_time now);

/// The same, but for a guard and a core that end the agents which outlived everybody else; the core
/// calls mark_stopped() when it has. Durable.
result<void> mark_ending(environment::files& files, const home_layout& layout,
                         std::string_view reason, wall_time now);

/// The tombstone, if the home is stopped. One that exists but cannot be understood counts: when in
/// doubt, stop means stop.
result<std::optional<tombstone>> find_tombstone(environment::files& files,
                                                const home_layout& layout);

/// Whether nothing may run: a tombstone, and none that lets agents be ended.
inline bool rests(const std::optional<tombstone>& stone) {
  return stone && !stone->ending;
}

/// The user starts the home again. No error when it was not stopped.
result<void> clear_tombstone(environment::files& files, const home_layout& layout);

}  // namespace nine::home
