#include "ninelives/resilience/circuit_breaker.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "ninelives/base/assert.hpp"

namespace nine::resilience {
namespace {

bool reaches(std::uint32_t part, std::uint32_t whole, double share) {
  return whole > 0 && static_cast<double>(part) >= share * static_cast<double>(whole);
}

sliding_window make_window(const circuit_breaker_policy& policy) {
  return policy.window_time > duration::zero() ? sliding_window::of_time(policy.window_time)
                                               : sliding_window::of_calls(policy.window_calls);
}

}  // namespace

/// The state; shared with the permits, which may outlive the breaker.
class circuit_breaker::core {
 public:
  explicit core(const circuit_breaker_policy& policy)
      : policy_(policy), window_(make_window(policy)) {
    NINE_ASSERT(policy.probes > 0 && policy.failure_share > 0 && policy.slow_share > 0);
  }

  struct report {
    bool failed = false;
    bool slow = false;
  };

  std::expected<std::uint64_t, breaker_refusal> acquire(monotonic_time now, double chance);
  breaker_state state(monotonic_time now, double chance);
  void take(std::uint64_t era, monotonic_time now, report how, double chance);
  void take_abandoned(std::uint64_t era, double chance) {
    take(era, latest_, {.failed = true}, chance);
  }
  void release(std::uint64_t era);

  bool is_slow(duration took) const { return took >= policy_.slow_after; }

 private:
  void enter(breaker_state next);
  void open(monotonic_time now, double chance);
  void half_open(monotonic_time now);
  void close(monotonic_time now);
  void note(monotonic_time now) { latest_ = std::max(latest_, now); }
  void give_up_probes(monotonic_time now, double chance);
  void take_call(monotonic_time now, report how, double chance);
  void take_probe(monotonic_time now, report how, double chance);
  void decide_probes(monotonic_time now, double chance);
  void count_streak(monotonic_time now, bool failed);
  bool window_says_open(monotonic_time now) const;
  bool streak_says_open() const;

  circuit_breaker_policy policy_;
  breaker_state state_ = breaker_state::closed;
  std::uint64_t era_ = 0;    ///< raised with every change of state: older permits are told apart
  monotonic_time latest_{};  ///< for permits that end without a time
  // closed
  sliding_window window_;
  std::deque<monotonic_time> streak_;  ///< failures in a row, the last ones
  monotonic_time closed_since_{};
  // open
  monotonic_time open_until_{};
  std::uint32_t openings_ = 0;
  // half-open
  std::uint32_t probes_running_ = 0;
  call_counts probed_;
  monotonic_time probing_since_{};
};

void circuit_breaker::core::enter(breaker_state next) {
  state_ = next;
  ++era_;
  probes_running_ = 0;
  probed_ = {};
}

void circuit_breaker::core::open(monotonic_time now, double chance) {
  const bool was_calm =
      state_ == breaker_state::closed && now - closed_since_ >= policy_.forget_after;
  openings_ = was_calm ? 1 : openings_ + 1;
  auto wait = std::min(policy_.open_for, policy_.open_most);
  for (std::uint32_t i = 1; i < openings_ && wait < policy_.open_most; ++i) {
    wait = wait > policy_.open_most / 2 ? policy_.open_most : wait * 2;
  }
  const auto extra = static_cast<double>(wait.count()) * policy_.open_jitter * chance;
  open_until_ = now + wait + duration(static_cast<duration::rep>(extra));
  window_.clear();
  streak_.clear();
  enter(breaker_state::open);
}

void circuit_breaker::core::half_open(monotonic_time now) {
  enter(breaker_state::half_open);
  probing_since_ = now;
}

void circuit_breaker::core::close(monotonic_time now) {
  window_.clear();
  streak_.clear();
  closed_since_ = now;
  enter(breaker_state::closed);
}

std::expected<std::uint64_t, breaker_refusal> circuit_breaker::core::acquire(monotonic_time now,
                                                                             double chance) {
  const auto current = state(now, chance);
  if (current == breaker_state::open && now >= open_until_) half_open(now);
  switch (state_) {
    case breaker_state::closed:
      return era_;
    case breaker_state::open:
      return std::unexpected(breaker_refusal{state_, open_until_});
    case breaker_state::half_open:
      break;
  }
  if (probes_running_ + probed_.calls >= policy_.probes) {
    return std::unexpected(breaker_refusal{state_, now});
  }
  if (probes_running_ == 0) probing_since_ = now;
  ++probes_running_;
  return era_;
}

breaker_state circuit_breaker::core::state(monotonic_time now, double chance) {
  note(now);
  const bool overdue = state_ == breaker_state::half_open && probes_running_ > 0 &&
                       now - probing_since_ >= policy_.probe_wait_most;
  if (overdue) give_up_probes(now, chance);
  return state_;
}

/// Their reports may still come; they are of an older era then.
void circuit_breaker::core::give_up_probes(monotonic_time now, double chance) {
  const auto lost = std::exchange(probes_running_, 0);
  probed_ += {.calls = lost, .failures = lost};
  ++era_;
  decide_probes(now, chance);
}

void circuit_breaker::core::take(std::uint64_t era, monotonic_time now, report how, double chance) {
  note(now);
  if (era != era_) return;
  if (state_ == breaker_state::closed) take_call(now, how, chance);
  if (state_ == breaker_state::half_open) take_probe(now, how, chance);
}

void circuit_breaker::core::release(std::uint64_t era) {
  if (era == era_ && state_ == breaker_state::half_open) --probes_running_;
}

void circuit_breaker::core::take_call(monotonic_time now, report how, double chance) {
  window_.add(now, how.failed, how.slow);
  count_streak(now, how.failed);
  if (streak_says_open() || window_says_open(now)) open(now, chance);
}

void circuit_breaker::core::count_streak(monotonic_time now, bool failed) {
  if (!failed) streak_.clear();
  if (!failed || policy_.failures_in_a_row == 0) return;
  streak_.push_back(now);
  if (streak_.size() > policy_.failures_in_a_row) streak_.pop_front();
}

bool circuit_breaker::core::streak_says_open() const {
  return policy_.failures_in_a_row > 0 && streak_.size() == policy_.failures_in_a_row &&
         streak_.back() - streak_.front() <= policy_.in_a_row_within;
}

bool circuit_breaker::core::window_says_open(monotonic_time now) const {
  const auto seen = window_.total(now);
  // A window of calls never holds more than its size, so that is all that can be asked for.
  const bool by_time = policy_.window_time > duration::zero();
  const auto least =
      by_time ? policy_.calls_least : std::min(policy_.calls_least, policy_.window_calls);
  return seen.calls >= least && (reaches(seen.failures, seen.calls, policy_.failure_share) ||
                                 reaches(seen.slow, seen.calls, policy_.slow_share));
}

void circuit_breaker::core::take_probe(monotonic_time now, report how, double chance) {
  --probes_running_;
  probed_ += {.calls = 1, .failures = how.failed ? 1U : 0U, .slow = how.slow ? 1U : 0U};
  decide_probes(now, chance);
}

/// Open as soon as no success of the probes that are left could change it, and at the first failure
/// while none has worked: an outage is not worth three tries each time. Closed when all have
/// reported.
void circuit_breaker::core::decide_probes(monotonic_time now, double chance) {
  const bool none_worked = probed_.calls > 0 && probed_.failures == probed_.calls;
  if (none_worked || reaches(probed_.failures, policy_.probes, policy_.failure_share) ||
      reaches(probed_.slow, policy_.probes, policy_.slow_share)) {
    open(now, chance);
  } else if (probed_.calls >= policy_.probes) {
    close(now);
  }
}

circuit_breaker::circuit_breaker(const circuit_breaker_policy& policy)
    : core_(std::make_shared<core>(policy)) {}

std::expected<circuit_breaker::permit, breaker_refusal> circuit_breaker::acquire(monotonic_time now,
                                                                                 double chance) {
  NINE_ASSERT(chance >= 0 && chance < 1);
  const auto era = core_->acquire(now, chance);
  if (!era) return std::unexpected(era.error());
  return permit(core_, *era, chance);
}

breaker_state circuit_breaker::state(monotonic_time now) {
  return core_->state(now, 0);
}

circuit_breaker::permit& circuit_breaker::permit::operator=(permit&& other) noexcept {
  if (this == &other) return *this;
  if (owner_) owner_->take_abandoned(era_, chance_);
  owner_ = std::move(other.owner_);
  era_ = other.era_;
  chance_ = other.chance_;
  return *this;
}

circuit_breaker::permit::~permit() {
  if (owner_) owner_->take_abandoned(era_, chance_);
}

void circuit_breaker::permit::succeeded(monotonic_time now, duration took) {
  const auto owner = std::exchange(owner_, nullptr);
  if (owner) owner->take(era_, now, {.failed = false, .slow = owner->is_slow(took)}, chance_);
}

void circuit_breaker::permit::failed(monotonic_time now, duration took) {
  const auto owner = std::exchange(owner_, nullptr);
  if (owner) owner->take(era_, now, {.failed = true, .slow = owner->is_slow(took)}, chance_);
}

void circuit_breaker::permit::release() {
  const auto owner = std::exchange(owner_, nullptr);
  if (owner) owner->release(era_);
}

}  // namespace nine::resilience
