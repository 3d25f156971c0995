#include "ninelives/supervision/guard/guard_link.hpp"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "ninelives/home/removed_home.hpp"
#include "ninelives/home/tombstone.hpp"
#include "ninelives/supervision/guard/handover.hpp"

namespace nine::supervision::guard {
namespace {

namespace asio = boost::asio;
using environment::process_identity;

}  // namespace

guard_link::guard_link(guard_link_options options, guard_link_seams seams)
    : options_(std::move(options)), seams_(seams) {
  if (!options_.notify_address.empty()) {
    auto connected = seams_.notifications.connect(options_.notify_address);
    if (connected) notifier_ = *std::move(connected);
    if (!connected) options_.log.error("guard_not_reached", connected.error().message);
  }
  find_first_guard();
}

void guard_link::ready() {
  notify("READY=1");
}

void guard_link::beat() {
  const auto now = seams_.clock.now();
  if (last_beat_ && now - *last_beat_ < options_.beat_interval) return;
  last_beat_ = now;
  notify("WATCHDOG=1");
}

std::optional<duration> guard_link::beat_age() const {
  if (!last_beat_) return std::nullopt;
  return seams_.clock.now() - *last_beat_;
}

void guard_link::status(std::string_view line) {
  notify(fmt::format("STATUS={}", line));
}

void guard_link::stopping() {
  notify("STOPPING=1");
}

asio::awaitable<void> guard_link::keep_guard(environment::listener& control,
                                             environment::listener& agent) {
  if (!guard_) co_return;
  std::uint32_t failures = 0;
  while (true) {
    const auto watched_since = seams_.clock.now();
    co_await seams_.processes.wait(*guard_);
    if (home_has_ended()) co_return;
    options_.log.warning("guard_died", fmt::format("the guard, process {}, is dead", guard_->pid));
    if (seams_.clock.now() - watched_since >= options_.backoff.stable_after) failures = 0;
    result<process_identity> next = fail(error_code::internal, "");
    do {
      const auto wait = restart_backoff(options_.backoff, failures++, seams_.random.next_unit());
      if (wait > duration::zero()) co_await seams_.clock.sleep_for(wait);
      if (home_has_ended()) co_return;
      next = next_guard(control, agent);
      if (!next) {
        options_.log.error("guard_start_failed",
                           fmt::format("no new guard: {}", next.error().message));
      }
    } while (!next);
    guard_ = *next;
  }
}

/// A name that cannot be read, or that of a process that is gone, still means that we have a guard
/// to replace: it died before we looked.
void guard_link::find_first_guard() {
  if (options_.guard.empty()) return;
  const auto name = parse_process_name(options_.guard);
  if (!name) return options_.log.error("guard_unknown", name.error().message);
  const auto found = find_process(seams_.processes, *name);
  const auto boot_id = seams_.processes.self().boot_id;
  guard_ = found ? *found : process_identity{name->pid, name->start_time, boot_id};
}

bool guard_link::home_has_ended() {
  const auto& key = options_.home_key;
  if (!key.empty() && home::is_removed(seams_.files, options_.layout, key)) return true;
  const auto stone = home::find_tombstone(seams_.files, options_.layout);
  return stone && home::rests(*stone);
}

/// Who holds the guard's lock already, else one that we start; should it lose the race for the
/// lock, it ends, and the next round finds the winner here.
result<process_identity> guard_link::next_guard(environment::listener& control,
                                                environment::listener& agent) {
  auto holder = seams_.locks.holder(options_.layout.guard_lock());
  if (holder || holder.error().code == error_code::unavailable) return holder;
  auto started = seams_.processes.spawn(specification(control, agent));
  if (started) {
    options_.log.info("guard_started", fmt::format("started a guard as process {}", started->pid));
  }
  return started;
}

environment::process_specification guard_link::specification(environment::listener& control,
                                                             environment::listener& agent) {
  const auto self = to_string(name_of(seams_.processes.self()));
  environment::process_specification made;
  made.arguments = options_.command.arguments;
  made.environment =
      environment_for(options_.command.environment,
                      {fmt::format("{}={}", home_variable, options_.layout.root().native()),
                       fmt::format("{}={}", adopt_core_variable, self)});
  made.log = options_.command.log;
  made.listeners = {{std::string(control_socket_name), &control},
                    {std::string(agent_socket_name), &agent}};
  return made;
}

void guard_link::notify(std::string_view lines) {
  if (notifier_) std::ignore = notifier_->notify(lines);
}

}  // namespace nine::supervision::guard
