#include "ninelives/supervision/supervisor.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "ninelives/base/assert.hpp"

namespace nine::supervision {

child_end as_child_end(end_reason reason) {
  switch (reason) {
    case end_reason::stopped:
      return child_end::shutdown;
    case end_reason::significant_child_ended:
      return child_end::shutdown;
    case end_reason::none:
    case end_reason::restart_intensity_exceeded:
    case end_reason::start_failed:
      break;
  }
  return child_end::abnormal;
}

std::string_view to_string(end_reason reason) noexcept {
  switch (reason) {
    case end_reason::none:
      return "none";
    case end_reason::stopped:
      return "stopped";
    case end_reason::significant_child_ended:
      return "significant_child_ended";
    case end_reason::restart_intensity_exceeded:
      return "restart_intensity_exceeded";
    case end_reason::start_failed:
      return "start_failed";
  }
  return "unknown";
}

supervisor::supervisor(supervisor_flags flags) : flags_(flags), intensity_(flags.intensity) {}

void supervisor::remember_crashes(std::string id, std::vector<wall_time> crashes) {
  remembered_crashes_.insert_or_assign(std::move(id), std::move(crashes));
}

result<void> supervisor::start(std::vector<child_specification> children, const moment& at) {
  NINE_ASSERT(phase_ == phase::fresh);
  NINE_TRY(validate(flags_.intensity));
  for (auto& specification : children) {
    if (auto inserted = insert(std::move(specification), true, at); !inserted) {
      while (!children_.empty())
        forget(children_.begin()->first);
      return std::unexpected(std::move(inserted).error());
    }
  }
  phase_ = phase::starting;
  go_on(at.now);
  return {};
}

// --- what happened ---

void supervisor::child_started(std::string_view id, const moment& at) {
  const auto place = place_of(id);
  auto& c = children_.at(place);
  NINE_ASSERT(c.now == process::starting);
  c.once_started = true;
  c.manual = false;
  c.delay.started(at.now);
  set(place, process::up);
  if (!c.wanted && phase_ != phase::ending) emit_stop(place);  // it was stopped while it started
  go_on(at.now);
}

void supervisor::child_start_failed(std::string_view id, const moment& at) {
  const auto place = place_of(id);
  auto& c = children_.at(place);
  NINE_ASSERT(c.now == process::starting);
  set(place, process::down);
  if (!c.wanted || c.bounce) {
    went_down(place);
  } else if (std::exchange(c.manual, false)) {
    set_wanted(place, false);
  } else if (!c.once_started && !c.initial) {
    forget(place);
  } else if (!c.once_started && phase_ == phase::starting) {
    failed_child_ = c.specification.id;
    begin_end(end_reason::start_failed);
  } else {
    restart(place, true, at);
  }
  go_on(at.now);
}

void supervisor::child_exited(std::string_view id, child_end how, const moment& at) {
  const auto place = place_of(id);
  auto& c = children_.at(place);
  NINE_ASSERT(c.now != process::down);
  const bool asked = c.now == process::stopping || !c.wanted || c.bounce;
  c.once_started = true;
  set(place, process::down);
  if (asked) {
    went_down(place);
  } else {
    ended_by_itself(place, how, at);
  }
  go_on(at.now);
}

void supervisor::child_made_progress(std::string_view id) {
  if (auto* c = lookup(id)) c->delay.made_progress();
}

void supervisor::time_passed(const moment& at) {
  go_on(at.now);
}

// --- what is wanted ---

void supervisor::stop(const moment& at) {
  if (phase_ == phase::fresh) phase_ = phase::running;
  if (phase_ == phase::ending || phase_ == phase::ended) return;
  begin_end(end_reason::stopped);
  go_on(at.now);
}

result<void> supervisor::add_child(child_specification specification, const moment& at) {
  NINE_TRY(insert_late(std::move(specification), at));
  go_on(at.now);
  return {};
}

result<void> supervisor::adopt_child(child_specification specification, const moment& at) {
  NINE_TRY_ASSIGN(const auto place, insert_late(std::move(specification), at));
  auto& c = children_.at(place);
  c.once_started = true;
  c.delay.started(at.now);
  set(place, process::up);
  go_on(at.now);
  return {};
}

result<void> supervisor::stop_child(std::string_view id, const moment& at) {
  auto* c = lookup(id);
  if (!c) return fail(error_code::not_found, fmt::format("no child '{}'", id));
  const auto place = place_of(id);
  if (phase_ == phase::ending || phase_ == phase::ended) return {};
  c->manual = false;
  set_wanted(place, false);
  if (c->now == process::up) emit_stop(place);
  if (c->now == process::down) went_down(place);
  go_on(at.now);
  return {};
}

result<void> supervisor::restart_child(std::string_view id, const moment& at) {
  auto* c = lookup(id);
  if (!c) return fail(error_code::not_found, fmt::format("no child '{}'", id));
  const auto state = state_of(*c);
  if (state == child_state::running)
    return fail(error_code::already_exists, fmt::format("child '{}' runs", id));
  if (state != child_state::stopped || phase_ == phase::ending || phase_ == phase::ended)
    return fail(error_code::precondition_failed,
                fmt::format("child '{}' cannot be restarted now: it, or all, is on its way", id));
  c->manual = true;
  c->due = at.now;
  set_wanted(place_of(id), true);
  go_on(at.now);
  return {};
}

result<void> supervisor::delete_child(std::string_view id) {
  const auto* c = lookup(id);
  if (!c) return fail(error_code::not_found, fmt::format("no child '{}'", id));
  if (state_of(*c) != child_state::stopped)
    return fail(error_code::precondition_failed, fmt::format("child '{}' is not stopped", id));
  forget(place_of(id));
  return {};
}

// --- deciding ---

/// A child that was asked to go down is down.
void supervisor::went_down(order place) {
  auto& c = children_.at(place);
  if (c.specification.restart == restart_type::temporary) {
    forget(place);
    return;
  }
  c.bounce = false;
  refile(place, c);
}

void supervisor::ended_by_itself(order place, child_end how, const moment& at) {
  auto& c = children_.at(place);
  const bool crash = how == child_end::abnormal;
  const auto type = c.specification.restart;
  if (type == restart_type::permanent || (type == restart_type::transient && crash)) {
    restart(place, crash, at);
    return;
  }
  const bool significant = c.specification.significant;
  if (type == restart_type::temporary) {
    forget(place);
  } else {
    set_wanted(place, false);
  }
  if (!significant) return;
  if (flags_.mode == auto_shutdown::any_significant ||
      (flags_.mode == auto_shutdown::all_significant && was_last_significant()))
    begin_end(end_reason::significant_child_ended);
}

/// Charged before the attempt. A clean end of a permanent child is charged but not delayed.
void supervisor::restart(order failed, bool crash, const moment& at) {
  auto& c = children_.at(failed);
  if (crash) c.crash_loop.crashed(at.wall);
  if (!intensity_.charge(at.now, failed)) {
    begin_end(end_reason::restart_intensity_exceeded);
    return;
  }
  const auto rest = crash ? c.crash_loop.cool_down_left(at.wall) : duration{};
  const auto delay = crash ? c.delay.next(at.now, at.chance) : duration{};
  intensity_.rests(failed, rest);
  c.rests = rest > delay;
  c.due = at.now + std::max(rest, delay);
  involve_siblings(failed, c.due);
}

void supervisor::involve_siblings(order failed, monotonic_time due) {
  if (flags_.how == strategy::one_for_one) return;
  for (auto& [place, sibling] : children_) {
    const bool involved = flags_.how == strategy::one_for_all || place > failed;
    if (place == failed || !involved || !sibling.wanted) continue;
    sibling.due = std::max(sibling.due, due);
    if (sibling.now == process::down) continue;
    sibling.bounce = true;
    if (sibling.specification.restart == restart_type::temporary) sibling.wanted = false;
    refile(place, sibling);
  }
}

bool supervisor::was_last_significant() const {
  return std::ranges::none_of(children_, [](const auto& entry) {
    const child& c = entry.second;
    return c.specification.significant && (c.wanted || c.now != process::down);
  });
}

void supervisor::begin_end(end_reason reason) {
  phase_ = phase::ending;
  reason_ = reason;
  bouncing_.clear();
  pending_.clear();
  for (auto& [place, c] : children_) {
    c.wanted = false;
    c.bounce = false;
  }
}

// --- acting ---

void supervisor::go_on(monotonic_time now) {
  if (phase_ == phase::ending) {
    stop_last_of(live_);
    if (!live_.empty()) return;
    phase_ = phase::ended;
    actions_.push_back({supervisor_action::kind::ended, {}, {}});
  } else if (!bouncing_.empty()) {
    stop_last_of(bouncing_);
  } else {
    start_due(now);
  }
}

void supervisor::stop_last_of(const std::set<order>& group) {
  if (group.empty()) return;
  const auto last = *group.rbegin();
  if (children_.at(last).now == process::up) emit_stop(last);
}

bool supervisor::one_at_a_time() const {
  return phase_ == phase::starting || flags_.how != strategy::one_for_one;
}

/// While the initial list starts, those that crashed meanwhile wait for its end.
std::optional<supervisor::order> supervisor::next_of_initial_list() const {
  for (const auto place : pending_)
    if (!children_.at(place).once_started) return place;
  return std::nullopt;
}

/// Whose start is the next where one starts at a time.
std::optional<supervisor::order> supervisor::next_in_turn() const {
  if (!starting_.empty()) return std::nullopt;
  if (phase_ == phase::starting) return next_of_initial_list();
  return pending_.empty() ? std::nullopt : std::optional(*pending_.begin());
}

void supervisor::start_due(monotonic_time now) {
  if (phase_ == phase::starting && starting_.empty() && !next_of_initial_list())
    phase_ = phase::running;
  if (one_at_a_time()) {
    const auto next = next_in_turn();
    if (next && children_.at(*next).due <= now) emit_start(*next);
    return;
  }
  std::vector<order> due;
  for (const auto place : pending_)
    if (children_.at(place).due <= now) due.push_back(place);
  for (const auto place : due)
    emit_start(place);
}

void supervisor::emit_start(order place) {
  children_.at(place).rests = false;
  set(place, process::starting);
  actions_.push_back(
      {supervisor_action::kind::start, children_.at(place).specification.id, shutdown_policy{}});
}

void supervisor::emit_stop(order place) {
  set(place, process::stopping);
  const auto& specification = children_.at(place).specification;
  actions_.push_back({supervisor_action::kind::stop, specification.id, specification.shutdown});
}

// --- the table of children ---

/// As if it had lived through the crashes that an earlier life saw: else a core that dies often
/// would allow restarts without end.
void supervisor::remember(child& c, order place, const moment& at) {
  const auto known = remembered_crashes_.extract(c.specification.id);
  if (known.empty()) return;
  for (const auto crash : known.mapped()) {
    const auto when = std::min(crash, at.wall);
    c.crash_loop.crashed(when);
    std::ignore = intensity_.charge(at.now - (at.wall - when), place);
    intensity_.rests(place, c.crash_loop.cool_down_left(when));
  }
  const auto rest = c.crash_loop.cool_down_left(at.wall);
  c.rests = rest > duration{};
  c.due = at.now + rest;
}

result<supervisor::order> supervisor::insert(child_specification specification, bool initial,
                                             const moment& at) {
  NINE_TRY(validate(specification, flags_.mode));
  if (ids_.contains(specification.id))
    return fail(error_code::already_exists,
                fmt::format("there is a child '{}' already", specification.id));
  const auto place = next_order_++;
  child c{.specification = std::move(specification),
          .delay = restart_delay(flags_.delay),
          .crash_loop = crash_loop_guard(flags_.crash_loop)};
  c.initial = initial;
  c.due = at.now;
  remember(c, place, at);
  ids_.emplace(c.specification.id, place);
  const auto position = children_.emplace(place, std::move(c)).first;
  refile(place, position->second);
  return place;
}

result<supervisor::order> supervisor::insert_late(child_specification specification,
                                                  const moment& at) {
  if (phase_ != phase::starting && phase_ != phase::running)
    return fail(error_code::precondition_failed,
                fmt::format("child '{}' cannot be added: its supervisor {}", specification.id,
                            phase_ == phase::fresh ? "was not started" : "is ending"));
  return insert(std::move(specification), false, at);
}

void supervisor::forget(order place) {
  for (auto* group : {&live_, &bouncing_, &pending_, &starting_})
    group->erase(place);
  const auto position = children_.find(place);
  ids_.erase(position->second.specification.id);
  children_.erase(position);
}

const supervisor::child* supervisor::lookup(std::string_view id) const {
  const auto position = ids_.find(id);
  return position == ids_.end() ? nullptr : &children_.at(position->second);
}

supervisor::child* supervisor::lookup(std::string_view id) {
  return const_cast<child*>(std::as_const(*this).lookup(id));
}

/// For reports about children, which only our own driver makes.
supervisor::order supervisor::place_of(std::string_view id) const {
  const auto position = ids_.find(id);
  NINE_ASSERT(position != ids_.end());
  return position->second;
}

void supervisor::set(order place, process now) {
  auto& c = children_.at(place);
  c.now = now;
  refile(place, c);
}

void supervisor::set_wanted(order place, bool wanted) {
  auto& c = children_.at(place);
  c.wanted = wanted;
  refile(place, c);
}

void supervisor::refile(order place, const child& c) {
  const auto file = [place](std::set<order>& group, bool member) {
    if (member) {
      group.insert(place);
    } else {
      group.erase(place);
    }
  };
  const bool down = c.now == process::down;
  file(live_, !down);
  file(bouncing_, !down && c.bounce);
  file(pending_, down && c.wanted);
  file(starting_, c.now == process::starting);
}

// --- what is so ---

std::vector<supervisor_action> supervisor::take_actions() {
  return std::exchange(actions_, {});
}

std::optional<monotonic_time> supervisor::next_deadline() const {
  std::optional<monotonic_time> first;
  if (!bouncing_.empty()) return first;
  if (one_at_a_time()) {
    if (const auto next = next_in_turn()) first = children_.at(*next).due;
    return first;
  }
  for (const auto place : pending_) {
    const auto due = children_.at(place).due;
    if (!first || due < *first) first = due;
  }
  return first;
}

supervisor::child_state supervisor::state_of(const child& c) const {
  switch (c.now) {
    case process::starting:
      return child_state::starting;
    case process::up:
      return child_state::running;
    case process::stopping:
      return child_state::stopping;
    case process::down:
      break;
  }
  return c.wanted ? child_state::restarting : child_state::stopped;
}

std::optional<supervisor::child_view> supervisor::find(std::string_view id) const {
  const auto* c = lookup(id);
  if (!c) return std::nullopt;
  return child_view{c->specification.id, state_of(*c), c->due, c->rests};
}

std::vector<supervisor::child_view> supervisor::children() const {
  std::vector<child_view> views;
  views.reserve(children_.size());
  for (const auto& [place, c] : children_)
    views.push_back({c.specification.id, state_of(c), c.due, c.rests});
  return views;
}

supervisor::counts supervisor::count_children() const {
  counts all;
  all.specifications = children_.size();
  for (const auto& [place, c] : children_) {
    if (c.now == process::up || c.now == process::stopping) ++all.active;
    ++(c.specification.type == child_type::supervisor ? all.supervisors : all.workers);
  }
  return all;
}

}  // namespace nine::supervision
