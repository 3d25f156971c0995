#include "ninelives/supervision/guard/guard_starter.hpp"

#include <fmt/format.h>

#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/refusal.hpp"
#include "ninelives/home/tombstone.hpp"
#include "ninelives/supervision/guard/handover.hpp"

namespace nine::supervision::guard {

result<guard_presence> ensure_guard(environment::files& files, environment::locks& locks,
                                    environment::processes& processes,
                                    const home::home_layout& layout, const guard_command& command) {
  NINE_TRY_ASSIGN(const auto tombstone, home::find_tombstone(files, layout));
  if (home::rests(tombstone)) return guard_presence::stopped;
  const auto holder = locks.holder(layout.guard_lock());
  if (holder || holder.error().code == error_code::unavailable) return guard_presence::running;
  if (holder.error().code != error_code::not_found) return std::unexpected(holder.error());

  NINE_TRY(home::prepare_home(files, layout));  // the guard's log lies there
  home::clear_refusal(files, layout);
  environment::process_specification guard;
  guard.arguments = command.arguments;
  guard.environment = environment_for(
      command.environment, {fmt::format("{}={}", home_variable, layout.root().native())});
  guard.log = command.log;
  NINE_TRY(processes.spawn(guard));
  return guard_presence::started;
}

}  // namespace nine::supervision::guard
