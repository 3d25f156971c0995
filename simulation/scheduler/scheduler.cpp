#include "simulation/scheduler/scheduler.hpp"

#include <algorithm>
#include <utility>

#include "ninelives/base/assert.hpp"

namespace nine::simulation {
namespace {

/// Not zero, so that a simulated machine has been up for a while when the first process starts.
constexpr monotonic_time first_moment{1000s};
constexpr duration task_time_most = 20us;
constexpr int drop_rounds_most = 1000;

}  // namespace

scheduler::scheduler(std::uint64_t seed)
    : random_(random_stream(seed).fork("scheduler")), now_(first_moment) {}

scheduler::~scheduler() {
  for (auto& each : lanes_)
    kill(*each);
  reap();
  shutdown();
  destroy();
}

lane& scheduler::make_lane(std::string name) {
  lanes_.push_back(std::make_unique<lane>(*this, static_cast<int>(lanes_.size()), std::move(name)));
  return *lanes_.back();
}

void scheduler::kill(lane& victim) {
  if (victim.state_ != lane::state::alive) return;
  victim.state_ = lane::state::dying;
  dying_.push_back(&victim);
  if (!running_) reap();
}

void scheduler::set_at_reap(lane& which, job at_reap) {
  which.at_reap_ = std::move(at_reap);
}

void scheduler::reap() {
  while (!dying_.empty()) {
    lane& victim = *dying_.front();
    dying_.erase(dying_.begin());
    victim.state_ = lane::state::dead;
    if (auto at_reap = std::exchange(victim.at_reap_, {})) {
      at_reap();
    } else {
      drop(victim);
    }
  }
}

void scheduler::drop(lane& victim) {
  std::erase(ready_, &victim);
  for (int round = 0; round < drop_rounds_most; ++round) {
    std::vector<job> doomed;
    for (auto& each : std::exchange(victim.ready_, {}))
      doomed.push_back(std::move(each.body));
    for (auto each = timers_.begin(); each != timers_.end();) {
      if (each->second.owner != &victim) {
        ++each;
        continue;
      }
      doomed.push_back(std::move(each->second.body));
      each = timers_.erase(each);
    }
    auto parked = std::exchange(victim.parked_, {});
    if (doomed.empty() && parked.empty()) return;
  }
  NINE_ASSERT(!"what is destroyed with a process keeps adding to it");
}

void scheduler::freeze(lane& which) {
  which.frozen_ = true;
  std::erase(ready_, &which);
}

void scheduler::thaw(lane& which) {
  if (!std::exchange(which.frozen_, false)) return;
  if (!which.ready_.empty()) ready_.push_back(&which);
}

void scheduler::enqueue(lane& owner, job body) {
  if (owner.state_ == lane::state::dead) return;
  if (owner.ready_.empty() && !owner.frozen_) ready_.push_back(&owner);
  owner.ready_.push_back({++last_number_, std::move(body)});
}

scheduler::timer scheduler::run_at(lane& owner, monotonic_time when, job body) {
  const timer key{when, ++last_number_};
  if (owner.state_ != lane::state::dead) timers_.emplace(key, timer_entry{&owner, std::move(body)});
  return key;
}

void scheduler::cancel(timer which) {
  auto found = timers_.find(which);
  if (found == timers_.end()) return;
  auto doomed = std::move(found->second);
  timers_.erase(found);
}

bool scheduler::step() {
  if (fire_due_timer()) return true;
  if (ready_.empty()) return false;
  run_drawn_task();
  return true;
}

/// Due: its time has come, or nothing else is ready and time jumps there. Timers of frozen lanes
/// stay where they are and fire in their order once the lane goes on.
bool scheduler::fire_due_timer() {
  for (auto each = timers_.begin(); each != timers_.end(); ++each) {
    if (each->first.first > now_ && !ready_.empty()) return false;
    if (each->second.owner->frozen_) continue;
    now_ = std::max(now_, each->first.first);
    auto entry = std::move(each->second);
    const auto number = each->first.second;
    timers_.erase(each);
    run(*entry.owner, number, std::move(entry.body));
    return true;
  }
  return false;
}

void scheduler::run(lane& owner, std::uint64_t number, job body) {
  trace_.decision(now_, owner.id(), number);
  ++steps_;
  running_ = &owner;
  body();
  running_ = nullptr;
  reap();
}

void scheduler::run_drawn_task() {
  const auto drawn = random_.next();
  const auto index = static_cast<std::size_t>((drawn >> 16) % ready_.size());
  lane& owner = *ready_[index];
  auto task = std::move(owner.ready_.front());
  owner.ready_.pop_front();
  if (owner.ready_.empty()) ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(index));
  run(owner, task.number, std::move(task.body));
  now_ += duration(static_cast<duration::rep>((drawn & 0xffff) % (task_time_most / 1ns)));
}

}  // namespace nine::simulation
