#include "ninelives/supervision/guard/guard_starter.hpp"

#include <fmt/format.h>

#include <utility>

#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/refusal.hpp"
#include "ninelives/home/tombstone.hpp"
#include "ninelives/supervision/guard/handover.hpp"

namespace nine::supervision::guard {
namespace {

/// A guard takes its lock within milliseconds. One that has not by now is stuck.
constexpr duration longest_way_to_its_lock = 5s;

}  // namespace

guard_starter::guard_starter(guard_starter_seams seams, home::home_layout layout,
                             guard_command command)
    : seams_(seams), layout_(std::move(layout)), command_(std::move(command)) {}

result<guard_presence> guard_starter::ensure() {
  NINE_TRY_ASSIGN(const auto tombstone, home::find_tombstone(seams_.files, layout_));
  if (home::rests(tombstone)) return guard_presence::stopped;
  const auto holder = seams_.locks.holder(layout_.guard_lock());
  if (holder || holder.error().code == error_code::unavailable) return guard_presence::running;
  if (holder.error().code != error_code::not_found) return std::unexpected(holder.error());
  if (is_coming()) return guard_presence::running;
  NINE_TRY(start());
  return guard_presence::started;
}

/// A second one would find the lock taken, or the home its own when the first has ended already.
bool guard_starter::is_coming() {
  return begun_ && seams_.clock.now() < begun_at_ + longest_way_to_its_lock &&
         seams_.processes.probe(*begun_) == environment::liveness::alive;
}

result<void> guard_starter::start() {
  NINE_TRY(home::prepare_home(seams_.files, layout_));  // the guard's log lies there
  home::clear_refusal(seams_.files, layout_);
  environment::process_specification guard;
  guard.arguments = command_.arguments;
  guard.environment = environment_for(
      command_.environment, {fmt::format("{}={}", home_variable, layout_.root().native())});
  guard.log = command_.log;
  NINE_TRY_ASSIGN(begun_, seams_.processes.spawn(guard));
  begun_at_ = seams_.clock.now();
  return {};
}

}  // namespace nine::supervision::guard
