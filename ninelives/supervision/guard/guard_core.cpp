#include "ninelives/supervision/guard/guard_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "ninelives/base/assert.hpp"

namespace nine::supervision::guard {
namespace {

using telemetry::level;

using phase = guard_core::phase;

bool has_process(const guard_core::service_state& state) {
  return state.now != phase::idle && state.now != phase::waiting;
}

/// Judged by the last beat, so that a life that ended by hanging can be a long one too.
bool proved_itself(const guard_core::service_state& state, const service_specification& limits) {
  return state.ready && state.last_beat - *state.ready >= limits.backoff.stable_after;
}

double seconds(duration value) {
  return std::chrono::duration<double>(value).count();
}

}  // namespace

guard_core::guard_core(guard_core_options options)
    : options_(std::move(options)), states_(options_.services.size()) {
  NINE_ASSERT(!states_.empty());
  NINE_ASSERT(options_.check_interval > duration::zero());
}

std::vector<guard_action> guard_core::step(const guard_event& event, monotonic_time now,
                                           double chance) {
  now_ = now;
  chance_ = chance;
  forgive_own_lateness();
  std::visit([this](const auto& specific) { handle(specific); }, event);
  plan_wakeup();
  return std::exchange(actions_, {});
}

bool guard_core::finished() const {
  return stopping_ && std::ranges::none_of(states_, has_process);
}

const service_specification& guard_core::specification(service_index service) const {
  return options_.services.at(service);
}

const guard_core::service_state& guard_core::state(service_index service) const {
  return states_.at(service);
}

void guard_core::handle(const begin&) {
  start_next();
}

void guard_core::handle(const adopted& event) {
  auto& state = states_.at(event.service);
  NINE_ASSERT(state.now == phase::starting && !state.process);
  state.process = event.process;
  state.adopted = true;
  say(event.service, level::info, "service_adopted",
      fmt::format("runs already as process {}; adopted", event.process.pid));
}

void guard_core::handle(const spawned& event) {
  auto& state = states_.at(event.service);
  NINE_ASSERT(state.now == phase::starting && !state.process);
  state.process = event.process;
  say(event.service, level::info, "service_started",
      fmt::format("started as process {}", event.process.pid));
}

void guard_core::handle(const spawn_failed& event) {
  NINE_ASSERT(states_.at(event.service).now == phase::starting);
  say(event.service, level::error, "service_start_failed",
      fmt::format("could not be started: {}", event.message));
  start_again(event.service);
}

void guard_core::handle(const ended& event) {
  auto& state = states_.at(event.service);
  if (!has_process(state) || state.process != event.process) return;
  say(event.service, stopping_ || event.home_stopped ? level::info : level::warning,
      "service_ended",
      fmt::format("process {} ended after {:.3f} s: {}", event.process.pid,
                  seconds(now_ - state.started), to_string(event.status)));
  if (proved_itself(state, specification(event.service))) state.failures = 0;
  state.process = {};
  if (event.home_stopped && !stopping_) return handle(stop_requested{"the home is stopped"});
  start_again(event.service);
}

void guard_core::handle(const notified& event) {
  const auto from = std::ranges::find_if(states_, [&](const service_state& state) {
    return state.process && state.process.pid == event.pid;
  });
  if (from == states_.end()) return;
  auto& state = *from;
  const auto service = static_cast<service_index>(from - states_.begin());
  if (event.message.beat || event.message.ready) state.last_beat = now_;
  const bool serves = event.message.ready || (event.message.beat && state.adopted);
  if (serves && state.now == phase::starting) {
    state.now = phase::running;
    state.ready = now_;
    say(service, level::info, "service_ready",
        fmt::format("ready after {:.3f} s", seconds(now_ - state.started)));
    start_next();
  }
  if (event.message.stopping && (state.now == phase::starting || state.now == phase::running)) {
    state.now = phase::stopping;
    state.deadline = now_ + specification(service).stop_grace;
    say(service, level::info, "service_stopping", "is stopping by itself");
  }
}

void guard_core::handle(const unreachable& event) {
  const auto& state = states_.at(event.service);
  const bool serves = state.now == phase::starting || state.now == phase::running;
  if (serves && state.process) terminate(event.service, "its sockets are gone");
}

void guard_core::handle(const stop_requested& event) {
  if (stopping_) return;
  stopping_ = true;
  actions_.emplace_back(
      report{level::info, "guard_stopping", "", fmt::format("stopping: {}", event.reason)});
  for (auto& state : states_) {
    if (!state.process) state.now = phase::idle;
  }
  stop_next();
}

void guard_core::handle(const time_passed&) {
  for (service_index service = 0; service < states_.size(); ++service)
    check(service);
}

void guard_core::forgive_own_lateness() {
  if (next_wakeup_ == monotonic_time{}) return;
  const auto late = now_ - next_wakeup_;
  if (late <= options_.lateness_tolerated) return;
  for (auto& state : states_) {
    if (!has_process(state)) continue;
    state.started += late;
    state.last_beat += late;
    state.deadline += late;
  }
  actions_.emplace_back(
      report{level::warning, "guard_was_late", "",
             fmt::format("was {:.3f} s late; not held against the services", seconds(late))});
}

/// One starts, or one is on its way and the later ones wait for it.
void guard_core::start_next() {
  if (stopping_) return;
  for (service_index service = 0; service < states_.size(); ++service) {
    if (states_[service].now == phase::idle) return start(service);
    if (states_[service].now != phase::running) return;
  }
}

/// One stops at a time; called again when it is gone.
void guard_core::stop_next() {
  for (service_index service = states_.size(); service-- > 0;) {
    const auto now = states_[service].now;
    if (now == phase::idle) continue;
    if (now == phase::starting || now == phase::running) terminate(service, "stop requested");
    return;
  }
}

void guard_core::start(service_index service) {
  auto& state = states_[service];
  state.now = phase::starting;
  state.process = {};
  state.adopted = false;
  state.ready.reset();
  state.started = state.last_beat = now_;
  actions_.emplace_back(spawn_service{service});
}

void guard_core::start_again(service_index service) {
  auto& state = states_[service];
  if (stopping_) {
    state.now = phase::idle;
    return stop_next();
  }
  const auto wait = restart_backoff(specification(service).backoff, state.failures, chance_);
  ++state.failures;
  if (wait == duration::zero()) return start(service);
  state.now = phase::waiting;
  state.deadline = now_ + wait;
  say(service, level::info, "service_restart_waits",
      fmt::format("will be started again in {:.3f} s", seconds(wait)));
}

void guard_core::check(service_index service) {
  if (now_ < deadline_of(service)) return;
  const auto& state = states_[service];
  switch (state.now) {
    case phase::idle:
      return;
    case phase::waiting:
      return start(service);
    case phase::starting:
      return terminate(service, fmt::format("not ready {:.3f} s after its start",
                                            seconds(now_ - state.started)));
    case phase::running:
      return terminate(service,
                       fmt::format("no beat for {:.3f} s", seconds(now_ - state.last_beat)));
    case phase::stopping:
    case phase::killing:
      return kill(service);
  }
}

void guard_core::terminate(service_index service, const std::string& why) {
  auto& state = states_[service];
  state.now = phase::stopping;
  state.deadline = now_ + specification(service).stop_grace;
  say(service, stopping_ ? level::info : level::warning, "service_terminated",
      fmt::format("TERM to process {}: {}", state.process.pid, why));
  send(service, SIGTERM);
}

void guard_core::kill(service_index service) {
  auto& state = states_[service];
  state.now = phase::killing;
  state.deadline = now_ + specification(service).stop_grace;
  say(service, level::warning, "service_killed",
      fmt::format("KILL to process {}: it did not end in {:.3f} s", state.process.pid,
                  seconds(specification(service).stop_grace)));
  send(service, SIGKILL);
}

void guard_core::send(service_index service, int signal_number) {
  actions_.emplace_back(signal_service{service, states_[service].process, signal_number});
}

void guard_core::say(service_index service, level how, std::string_view event,
                     std::string_view text) {
  const auto& name = specification(service).name;
  actions_.emplace_back(report{how, std::string(event), name, fmt::format("{}: {}", name, text)});
}

monotonic_time guard_core::deadline_of(service_index service) const {
  const auto& state = states_[service];
  const auto& limits = options_.services[service];
  switch (state.now) {
    case phase::idle:
      return monotonic_time::max();
    case phase::starting:
      return state.started + limits.ready_within;
    case phase::running:
      return state.last_beat + limits.stale_after;
    case phase::waiting:
    case phase::stopping:
    case phase::killing:
      break;
  }
  return state.deadline;
}

void guard_core::plan_wakeup() {
  next_wakeup_ = now_ + options_.check_interval;
  for (service_index service = 0; service < states_.size(); ++service) {
    next_wakeup_ = std::min(next_wakeup_, deadline_of(service));
  }
}

}  // namespace nine::supervision::guard
