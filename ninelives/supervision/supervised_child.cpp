#include "ninelives/supervision/supervised_child.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <limits>
#include <utility>
#include <variant>

#include "ninelives/base/assert.hpp"
#include "ninelives/supervision/incarnation_endings.hpp"

namespace nine::supervision {

namespace asio = boost::asio;

namespace {

constexpr std::uint16_t start_kind = 1;  // the index of start in shim::request

supervisor_flags flags_for(const child_request& request) {
  supervisor_flags flags;
  flags.intensity = request.intensity;
  flags.mode = auto_shutdown::any_significant;  // the end of the child is the end of its supervisor
  flags.delay = request.delay;
  flags.crash_loop = request.crash_loop;
  return flags;
}

double in_seconds(duration time) {
  return std::chrono::duration<double>(time).count();
}

std::uint32_t grace_ms(const shutdown_policy& policy) {
  switch (policy.how) {
    case shutdown_policy::kind::brutal_kill:
      return 0;
    case shutdown_policy::kind::timeout:
      return static_cast<std::uint32_t>(std::max<std::int64_t>(1, to_milliseconds(policy.grace)));
    case shutdown_policy::kind::infinity:
      break;
  }
  return std::numeric_limits<std::uint32_t>::max();
}

}  // namespace

supervised_child::supervised_child(std::shared_ptr<shim_surroundings> surroundings,
                                   std::string name, child_events& events, child_table& table)
    : surroundings_(std::move(surroundings)),
      name_(std::move(name)),
      events_(events),
      table_(table),
      keeper_(std::make_shared<shim_keeper>(
          surroundings_, shim_directory(surroundings_->options.shims / name_))) {}

taken_over supervised_child::report(shim_presence presence) const {
  taken_over found{.name = name_};
  if (presence == shim_presence::dead) {
    found.found = taken_over::state::lost;
    found.endings = keeper_->written_endings();
    if (!found.endings.empty()) found.incarnation = found.endings.back().incarnation;
  }
  if (presence != shim_presence::answers) return found;
  const auto& hello = *keeper_->hello();
  const bool runs = hello.state == shim::agent_state::running;
  found.found = runs ? taken_over::state::running : taken_over::state::idle;
  found.incarnation = hello.incarnation;
  found.agent = hello.agent;
  found.endings = endings_of(hello);
  return found;
}

// --- its request ---

void supervised_child::accept_request(child_request request) {
  NINE_ASSERT(phase_ == phase::unclaimed);
  request_ = std::move(request);
  core_.emplace(flags_for(request_));
  core_->remember_crashes(name_, request_.crashes);
}

void supervised_child::begin(child_request request) {
  accept_request(std::move(request));
  phase_ = phase::running;
  const auto started = core_->start({request_.specification}, this_moment());
  NINE_ASSERT(started);
  keeper_->begin(*this, shared_from_this());
}

void supervised_child::adopt(child_request request) {
  accept_request(std::move(request));
  phase_ = phase::adopting;
  keeper_->begin(*this, shared_from_this());
  if (stop_asked_) bound_the_stop();
}

void supervised_child::discard(std::string reason) {
  silent_ = true;
  stop_asked_ = true;  // before adopt(), from within which the shim may be heard: nothing starts
  stop_reason_ = std::move(reason);
  child_request request{.name = name_};
  request.specification = worker_child(name_);
  request.specification.restart = restart_type::transient;
  request.specification.significant = true;
  adopt(std::move(request));
}

void supervised_child::stop(std::string reason) {
  if (phase_ == phase::finished || std::exchange(stop_asked_, true)) return;
  stop_reason_ = std::move(reason);
  if (phase_ == phase::unclaimed) return;
  if (phase_ == phase::running) core_->stop(this_moment());
  bound_the_stop();
}

void supervised_child::bound_the_stop() {
  if (phase_ == phase::finished) return;
  const auto& policy = request_.specification.shutdown;
  if (policy.how != shutdown_policy::kind::infinity)
    force_end_by(surroundings_->now() + policy.grace + surroundings_->options.stop_margin);
  carry_out_later();
}

void supervised_child::acknowledge(epoch incarnation) {
  acknowledged_ = std::max(acknowledged_, incarnation);
  unacknowledged_.erase(unacknowledged_.begin(), unacknowledged_.upper_bound(incarnation));
  keeper_->send(shim::acknowledge_exit{incarnation});
  carry_out_later();
}

void supervised_child::made_progress() {
  if (core_) core_->child_made_progress(name_);
}

// --- what the shim says ---

void supervised_child::shim_greeted(const shim::shim_hello& hello) {
  if (phase_ == phase::adopting) {
    take_over_from(hello);
  } else {
    compare_with(hello);
  }
  carry_out();
}

void supervised_child::shim_said(const shim::event& event) {
  std::visit([this](const auto& it) { on(it); }, event);
  carry_out();
}

void supervised_child::on(const shim::shim_hello&) {}  // said once, when greeting

void supervised_child::on(const shim::started& event) {
  if (event.incarnation != current_ || !unanswered_start_) return;
  check_memory_limit(*unanswered_start_, event.cgroup);
  unanswered_start_.reset();
  agent_ = event.agent;
  if (ended_) ++restarts_;
  core_->child_started(name_, this_moment());
  events_.incarnation_started(name_, current_, agent_);
}

/// The shim tries, and runs the agent also where the kernel does not let it.
void supervised_child::check_memory_limit(const shim::start& wanted, const std::string& cgroup) {
  if (wanted.memory_bytes_most == 0) return;
  if (cgroup.empty())
    return events_.memory_not_limited(name_, "no control group could be made for it");
  constexpr bytes number_bytes_most = 100;
  const auto limit = surroundings_->environment.files.read(
      std::filesystem::path(cgroup) / "memory.max", number_bytes_most);
  if (!limit || limit->starts_with("max"))
    events_.memory_not_limited(name_, "its control group has no memory controller");
}

void supervised_child::on(const shim::start_failed& event) {
  if (event.incarnation == current_ && current_ > ended_) incarnation_is_over(ending_of(event));
}

void supervised_child::on(const shim::exited& event) {
  if (event.incarnation == current_ && current_ > ended_) incarnation_is_over(ending_of(event));
}

void supervised_child::on(const shim::refused& event) {
  if (event.request_kind == start_kind && event.incarnation == current_ && unanswered_start_) {
    incarnation_is_over({.incarnation = current_,
                         .how = incarnation_ending::kind::start_failed,
                         .message = "its shim refused to start it: " + event.reason});
  }
  // A stop that is refused crossed the exit it asks for; on_alarm() sees to a quit. When another
  // connection took this one's place, the next hello tells whether it was a newer core's.
}

void supervised_child::shim_lost(const std::string& message) {
  if (phase_ == phase::adopting) {
    take_over_lost(message);
  } else if (current_ > ended_) {
    const auto& written = keeper_->written_endings();
    const auto told = std::ranges::find(written, current_, &incarnation_ending::incarnation);
    const incarnation_ending lost{
        .incarnation = current_, .how = incarnation_ending::kind::lost, .message = message};
    incarnation_is_over(told != written.end() ? *told : lost);
  }
  carry_out();
}

void supervised_child::shim_launch_failed(const error& why) {
  last_problem_ = "its shim could not be started: " + why.message;
  if (std::exchange(start_due_, false)) core_->child_start_failed(name_, this_moment());
  carry_out();
}

void supervised_child::shim_retired() {
  phase_ = phase::gone;
  table_.child_removed(name_);
  events_.child_gone(name_);
}

void supervised_child::shim_fenced(const std::string& why) {
  table_.core_is_fenced(why);
}

// --- taking over ---

void supervised_child::take_over_from(const shim::shim_hello& hello) {
  phase_ = phase::running;
  const auto at = this_moment();
  auto endings = endings_of(hello);
  const bool runs = hello.state == shim::agent_state::running;
  const bool idle = !runs && endings.empty();
  std::vector<child_specification> to_start;
  if (idle && !stop_asked_) to_start.push_back(request_.specification);
  const auto started = core_->start(std::move(to_start), at);
  NINE_ASSERT(started);
  if (!idle) NINE_ASSERT(core_->adopt_child(request_.specification, at));

  std::optional<incarnation_ending> newest;
  if (!runs && !endings.empty()) {
    newest = std::move(endings.back());
    endings.pop_back();
  }
  for (const auto& ending : endings)
    report_old_ending(ending);
  ended_ = endings.empty() ? epoch() : endings.back().incarnation;
  current_ = hello.incarnation;
  if (runs) {
    agent_ = hello.agent;
    if (!silent_) events_.incarnation_started(name_, current_, agent_);
  }
  if (stop_asked_) core_->stop(at);
  if (newest) {
    current_ = newest->incarnation;
    incarnation_is_over(*std::move(newest));
  } else if (idle) {
    ended_ = current_;
  }
}

void supervised_child::take_over_lost(const std::string& message) {
  phase_ = phase::running;
  const auto at = this_moment();
  NINE_ASSERT(core_->start({}, at));
  NINE_ASSERT(core_->adopt_child(request_.specification, at));
  if (stop_asked_) core_->stop(at);
  auto endings = keeper_->written_endings();
  if (endings.empty())
    endings.push_back({.how = incarnation_ending::kind::lost, .message = message});
  auto newest = std::move(endings.back());
  endings.pop_back();
  for (const auto& ending : endings)
    report_old_ending(ending);
  current_ = newest.incarnation;
  incarnation_is_over(std::move(newest));
}

/// An earlier core restarted the child after this ending, and died before the fact was durable.
void supervised_child::report_old_ending(const incarnation_ending& ending) {
  if (silent_) return;
  unacknowledged_.insert(ending.incarnation);
  events_.incarnation_ended(name_, ending,
                            {.will_restart = true, .reason = "restarted by an earlier core"});
}

/// The connection was broken for a while: what was missed, on either side?
void supervised_child::compare_with(const shim::shim_hello& hello) {
  if (acknowledged_) keeper_->send(shim::acknowledge_exit{acknowledged_});
  if (current_ > ended_) {
    const bool runs = hello.state == shim::agent_state::running && hello.incarnation == current_;
    auto endings = endings_of(hello);
    const auto missed = std::ranges::find(endings, current_, &incarnation_ending::incarnation);
    if (missed != endings.end()) {
      incarnation_is_over(std::move(*missed));
    } else if (runs) {
      on(shim::started{current_, hello.agent, hello.cgroup});
      if (stop_due_) send_stop();
    } else if (unanswered_start_ && hello.incarnation < current_) {
      keeper_->send(*unanswered_start_);
    } else {
      incarnation_is_over({.incarnation = current_,
                           .how = incarnation_ending::kind::lost,
                           .message = "its shim does not know it"});
    }
  }
  if (phase_ == phase::finished && unacknowledged_.empty()) keeper_->send(shim::quit{});
}

// --- endings ---

void supervised_child::incarnation_is_over(incarnation_ending ending) {
  agent_ = {};
  unanswered_start_.reset();
  stop_due_ = false;
  ended_ = std::max(ended_, ending.incarnation);
  last_ending_ = ending;
  last_problem_ = describe(ending);
  tell_core_of(ending);
  if (silent_) {
    keeper_->send(shim::acknowledge_exit{ended_});
    return;
  }
  if (ending.incarnation) unacknowledged_.insert(ending.incarnation);
  events_.incarnation_ended(name_, ending, decision());
}

void supervised_child::tell_core_of(const incarnation_ending& ending) {
  const auto at = this_moment();
  if (ending.stop_was_asked && !stop_asked_) {
    stop_asked_ = true;  // S16: what an earlier core stopped stays down
    stop_reason_ = "an earlier core stopped it";
    core_->stop(at);
  }
  const auto child = core_->find(name_);
  if (!child) return;
  const bool starting = child->state == supervisor::child_state::starting;
  if (starting && ending.how == incarnation_ending::kind::start_failed) {
    core_->child_start_failed(name_, at);
  } else if (starting || child->state == supervisor::child_state::running ||
             child->state == supervisor::child_state::stopping) {
    core_->child_exited(name_, meaning_of(ending, request_.exits), at);
  }
}

restart_decision supervised_child::decision() const {
  const auto child = core_->find(name_);
  const auto& limits = request_.intensity;
  switch (core_->reason()) {
    case end_reason::none:
      break;
    case end_reason::stopped:
      return {.reason = "stopped: " + stop_reason_};
    case end_reason::significant_child_ended:
      return {.reason = "it ended by itself: " + last_problem_};
    case end_reason::restart_intensity_exceeded:
      return {.reason = fmt::format("more than {} restarts in {} s, giving up: {}", limits.restarts,
                                    limits.period / 1s, last_problem_)};
    case end_reason::start_failed:
      return {.reason = "its first start failed: " + last_problem_};
  }
  if (!child) return {.reason = last_problem_};
  const auto delay = std::max(duration{}, child->due - surroundings_->now());
  restart_decision again{.will_restart = true, .delay = delay};
  if (delay > duration{}) again.reason = fmt::format("it waits {:.1f} s", in_seconds(delay));
  if (child->rests) {
    const auto& loop = request_.crash_loop;
    again.reason +=
        fmt::format(", for {} crashes in {} s are too many", loop.crashes, loop.window / 1s);
  }
  return again;
}

// --- what the core decided ---

void supervised_child::carry_out_later() {
  asio::post(surroundings_->executor, [self = shared_from_this()] {
    if (!self->surroundings_->scope.cancelled()) self->carry_out();
  });
}

void supervised_child::carry_out() {
  if (!core_ || phase_ == phase::gone || surroundings_->scope.cancelled()) return;
  if (std::exchange(carrying_out_, true)) return;
  do {
    for (const auto& action : core_->take_actions())
      perform(action);
  } while (start_if_possible());
  carrying_out_ = false;
  if (const auto due = core_->next_deadline()) set_alarm(*due);
  if (force_end_at_) set_alarm(*force_end_at_);
  retire_if_done();
}

void supervised_child::perform(const supervisor_action& action) {
  switch (action.what) {
    case supervisor_action::kind::start:
      start_due_ = true;
      break;
    case supervisor_action::kind::stop:
      stop_due_ = true;
      send_stop();
      break;
    case supervisor_action::kind::ended:
      finish();
      break;
  }
}

/// True when the core is to be asked again.
bool supervised_child::start_if_possible() {
  if (!start_due_) return false;
  if (core_->reason() != end_reason::none) {  // stopped while it waited
    start_due_ = false;
    core_->child_start_failed(name_, this_moment());
    return true;
  }
  if (!keeper_->connected()) {
    keeper_->want();
    return false;
  }
  if (unacknowledged_.size() >= shim::endings_kept_most) return false;  // acknowledge() goes on
  start_due_ = false;
  return !send_start();
}

/// False when there is nothing to send.
bool supervised_child::send_start() {
  const auto current = surroundings_->fence.check();
  auto message = current ? events_.incarnation_starting(name_) : std::unexpected(current.error());
  if (surroundings_->scope.cancelled()) return true;
  if (!message) {
    if (message.error().code == error_code::fenced) {
      table_.core_is_fenced(message.error().message);
      return true;
    }
    last_problem_ = message.error().message;
    core_->child_start_failed(name_, this_moment());
    return false;
  }
  NINE_ASSERT(message->incarnation > current_ && message->incarnation > ended_);
  message->supersedes = ended_;
  message->environment.push_back(keeper_->directory().agent_marker());
  current_ = message->incarnation;
  keeper_->send(*message);
  unanswered_start_ = *std::move(message);
  return true;
}

void supervised_child::send_stop() {
  if (current_ > ended_)
    keeper_->send(shim::stop{current_, grace_ms(request_.specification.shutdown)});
}

void supervised_child::finish() {
  phase_ = phase::finished;
  force_end_at_.reset();
  if (!silent_) events_.child_finished(name_, outcome());
}

child_outcome supervised_child::outcome() const {
  child_outcome outcome;
  if (last_ending_) outcome.exit = last_ending_->exit;
  outcome.reason = decision().reason;
  switch (core_->reason()) {
    case end_reason::stopped:
      outcome.how = child_outcome::kind::stopped;
      break;
    case end_reason::restart_intensity_exceeded:
      outcome.how = child_outcome::kind::crashed_too_often;
      break;
    case end_reason::start_failed:
      outcome.how = child_outcome::kind::start_failed;
      break;
    case end_reason::none:
    case end_reason::significant_child_ended:
      if (last_ending_ && last_ending_->how == incarnation_ending::kind::lost)
        outcome.how = child_outcome::kind::lost;
      break;
  }
  return outcome;
}

void supervised_child::retire_if_done() {
  if (phase_ != phase::finished || !unacknowledged_.empty() || force_end_at_) return;
  keeper_->retire();
  force_end_by(surroundings_->now() + surroundings_->options.stop_margin);
}

// --- time ---

void supervised_child::force_end_by(monotonic_time at) {
  force_end_at_ = at;
  set_alarm(at);
}

void supervised_child::set_alarm(monotonic_time at) {
  if (alarm_ && *alarm_ <= at) return;
  alarm_ = at;
  surroundings_->scope.spawn(ring(shared_from_this(), at));
}

asio::awaitable<void> supervised_child::ring(std::shared_ptr<supervised_child> self,
                                             monotonic_time at) {
  co_await self->surroundings_->environment.clock.sleep_until(at);
  if (self->surroundings_->scope.cancelled()) co_return;
  if (self->alarm_ == at) self->alarm_.reset();
  self->on_alarm();
}

void supervised_child::on_alarm() {
  if (phase_ == phase::gone) return;
  const auto at = this_moment();
  if (force_end_at_ && *force_end_at_ <= at.now) {
    keeper_->kill();  // a shim that does not do what it was told; its death ends the agent too
    force_end_at_ = at.now + surroundings_->options.stop_margin;
  }
  if (phase_ == phase::running) core_->time_passed(at);
  carry_out();
}

moment supervised_child::this_moment() {
  auto& environment = surroundings_->environment;
  return {environment.clock.now(), environment.clock.wall_now(), environment.random.next_unit()};
}

child_view supervised_child::view() const {
  child_view view{.name = name_,
                  .connected = keeper_->connected(),
                  .incarnation = current_,
                  .shim = keeper_->shim(),
                  .agent = agent_,
                  .restarts = restarts_};
  if (phase_ == phase::finished) view.now = child_view::state::finished;
  if (phase_ != phase::running) return view;
  const auto child = core_->find(name_);
  if (!child) return view;
  switch (child->state) {
    case supervisor::child_state::running:
      view.now = child_view::state::running;
      break;
    case supervisor::child_state::stopping:
      view.now = child_view::state::stopping;
      break;
    case supervisor::child_state::restarting:
      view.now = child_view::state::restarting;
      view.starts_in = std::max(duration{}, child->due - surroundings_->now());
      break;
    case supervisor::child_state::starting:
    case supervisor::child_state::stopped:
      break;
  }
  return view;
}

}  // namespace nine::supervision
