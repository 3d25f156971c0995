#include "simulation/scenarios/supervision/supervision_core.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "simulation/machine/process_sights.hpp"

namespace nine::simulation {

namespace shim = supervision::shim;

boost::asio::awaitable<int> supervision_core::run() {
  worker_ = context_.make_worker();
  supervision::agent_supervisor_options options;
  options.shims = supervision_home::shims;
  options.shim_program = "/usr/lib/nine-shim";
  options.look_at_processes = look_at(context_.host());
  options.core = core_epoch(++home_.core);
  if (!context_.files().make_directory(options.shims)) co_return 1;
  for (const auto& [child, known] : home_.children)
    epochs_[child] = known.highest_epoch;
  supervision::child_events& events = *this;
  supervisor_.emplace(context_.executor(), context_.bundle(), *worker_, events, options);
  const bool taken = co_await take_over();
  if (!taken) co_return 1;
  while (!fenced_) {
    if (home_.stop_wanted) {
      stop_all();
    } else {
      co_await start_missing();
    }
    co_await context_.clock().sleep_for(1s);
  }
  co_return 2;
}

boost::asio::awaitable<bool> supervision_core::take_over() {
  auto found = co_await supervisor_->take_over();
  if (!found) co_return false;
  for (const auto& each : *found) {
    auto& highest = epochs_[each.name];
    highest = std::max(highest, each.incarnation.value());
    if (each.found == supervision::taken_over::state::lost) continue;
    const auto known = home_.children.find(each.name);
    if (known == home_.children.end() || known->second.finished) {
      std::ignore = supervisor_->discard(each.name, "not wanted");
    } else if (supervisor_->adopt(request_for(each.name))) {
      kept_.insert(each.name);
    }
  }
  co_await supervisor_->clear_away_dead();
  co_return true;
}

boost::asio::awaitable<void> supervision_core::start_missing() {
  for (const auto& [child, known] : home_.children) {
    if (known.finished || kept_.contains(child) || fenced_ || home_.stop_wanted) continue;
    kept_.insert(child);
    auto request = request_for(child);
    const auto started = co_await supervisor_->start(std::move(request));
    if (!started) kept_.erase(child);
  }
}

void supervision_core::stop_all() {
  if (std::exchange(stopping_, true)) return;
  for (const auto& each : supervisor_->children()) {
    std::ignore = supervisor_->stop(each.name, "the home is stopped");
  }
}

supervision::child_request supervision_core::request_for(const std::string& child) const {
  supervision::child_request request;
  if (const auto known = home_.children.find(child); known != home_.children.end())
    request.crashes = known->second.crashes;
  request.name = child;
  request.specification = supervision::worker_child(child);
  request.specification.restart = supervision::restart_type::transient;
  request.exits = supervision::exit_meaning::success_only;
  // Its cool-down would keep a child below its intensity. Half of the children do without.
  if (child == "t2.a1" || child == "t4.a1") request.crash_loop.crashes = 0;
  return request;
}

result<shim::start> supervision_core::incarnation_starting(const std::string& child) {
  const auto next = ++epochs_[child];
  worker_->post([this, child, next] {
    auto& highest = home_.children[child].highest_epoch;
    highest = std::max(highest, next);
  });
  shim::start start;
  start.incarnation = epoch(next);
  start.arguments = {"agent", child};
  start.environment = {"EPOCH=" + std::to_string(next)};
  start.stdout_file = "/home/" + child + ".out";
  return start;
}

void supervision_core::incarnation_started(const std::string& child, epoch incarnation,
                                           const environment::process_identity&) {
  auto& highest = epochs_[child];
  highest = std::max(highest, incarnation.value());
}

void supervision_core::incarnation_ended(const std::string& child,
                                         const supervision::incarnation_ending& ending,
                                         const supervision::restart_decision&) {
  auto& highest = epochs_[child];  // of a life that only its shim knew
  highest = std::max(highest, ending.incarnation.value());
  using kind = supervision::incarnation_ending::kind;
  const bool crash = ending.how == kind::exited && !ending.stop_was_asked && !ending.exit.success();
  boost::asio::co_spawn(context_.executor(), record_ending(child, ending.incarnation, crash),
                        boost::asio::detached);
}

boost::asio::awaitable<void> supervision_core::record_ending(std::string child, epoch incarnation,
                                                             bool crash) {
  auto write = [this, child, incarnation, crash, now = context_.clock().wall_now()] {
    auto& record = home_.children[child];
    record.highest_epoch = std::max(record.highest_epoch, incarnation.value());
    if (crash) record.crashes.push_back(now);
    return true;
  };
  co_await environment::run_on(*worker_, write);
  supervisor_->acknowledge(child, incarnation);
}

void supervision_core::child_finished(const std::string& child, const supervision::child_outcome&) {
  worker_->post([this, child] { home_.children[child].finished = true; });
}

void supervision_core::fenced(const std::string&) {
  fenced_ = true;
}

}  // namespace nine::simulation
