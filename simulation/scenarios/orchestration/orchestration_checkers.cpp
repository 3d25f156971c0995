#include "simulation/scenarios/orchestration/orchestration_checkers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "simulation/agents/scripted_agent.hpp"
#include "simulation/world.hpp"

namespace nine::simulation {

void one_life_at_a_time::process_started(world& stage, const process_record& born) {
  if (born.name == "core") epochs_.clear();
  const auto task = born.variable("NINE_TASK");
  if (task.empty() || born.name == descendant_program) return;
  for (const auto* each : stage.host().alive()) {
    if (each == &born || each->ending || each->variable("NINE_TASK") != task) continue;
    stage.fail(fmt::format("{} of {} starts while pid {} ({}) of an earlier life runs", born.name,
                           task, each->identity.pid, each->name));
  }
  const auto incarnation = std::stoll(born.variable("NINE_EPOCH"));
  auto& highest = epochs_[task];
  if (incarnation <= highest || incarnation < epoch_on_record(task)) {
    stage.fail(fmt::format("{} starts with epoch {} after {}", task, incarnation, highest));
  }
  highest = incarnation;
}

std::int64_t one_life_at_a_time::epoch_on_record(const std::string& task) const {
  journal::stores::memory_store store(medium_);
  const auto before = task_id(parse_task_id(task)->value() - 1);
  const auto found = store.tasks(before, 1);
  return found->empty() ? 0 : found->front().current.value();
}

namespace {

bool works_for_tasks(const process_record& process) {
  static constexpr std::array names = {"nine-shim", "agent", "gate", descendant_program};
  return std::ranges::find(names, process.name) != names.end();
}

}  // namespace

void stopped_stays_stopped::process_started(world& stage, const process_record& born) {
  if (born.name == "down") start_asked_ = !stage.host().alive("up").empty();
  if (born.name == "up") {
    start_asked_ = true;
    stopped_ = false;
  }
  // A guard may start: it finds the home stopped and ends.
  if (!stopped_ || (born.name != "core" && !works_for_tasks(born))) return;
  // Another `down` that finds remains of agents has a core started once more to end them.
  stopped_ = stage.host().alive("down").empty();
  if (stopped_) stage.fail(fmt::format("the home is stopped and {} starts", born.name));
}

void stopped_stays_stopped::process_ended(world& stage, const process_record& gone) {
  if (gone.name != "down" || start_asked_) return;
  if (gone.exit != environment::exit_status::exited(0)) {
    stopped_ = false;  // it may have had a core started, to end what it found
    return;
  }
  if (!stage.host().disk().exists(home_)) return;  // there was nothing to stop, as it said
  stopped_ = true;
  // A core that lost its home to a newer one may need a second more to find that out.
  for (const auto* each : stage.host().alive()) {
    if (each->ending || !works_for_tasks(*each)) continue;
    stage.fail(
        fmt::format("the home is stopped and {} (pid {}) runs", each->name, each->identity.pid));
  }
}

void tombstone_begins_nothing::process_started(world& stage, const process_record& born) {
  const auto now = stage.now();
  if (born.name == "core" && stage.host().disk().exists(tombstone_)) ending_[&born] = now;
  if (!works_for_tasks(born) || born.name == descendant_program) return;
  // What an earlier core said may still be on its way to a shim.
  constexpr duration way = 100ms;
  const auto cores = stage.host().alive("core");
  const auto only_ends = [&](const process_record* each) {
    const auto found = ending_.find(each);
    return found != ending_.end() && now - found->second > way;
  };
  if (!cores.empty() && std::ranges::all_of(cores, only_ends))
    stage.fail(fmt::format("{} starts by a core that is to end what is left", born.name));
}

namespace {

std::string attempt_of(const process_record& agent) {
  return agent.variable("NINE_TASK") + ", attempt " + agent.variable("NINE_ATTEMPT");
}

bool disk_fails(const faults& plan) {
  return plan.disk_error > 0 || plan.disk_full;
}

}  // namespace

void done_is_not_repeated::process_started(world& stage, const process_record& born) {
  if (disk_fails(stage.host().plan())) return done_.clear();
  if (born.name != "agent") return;
  const auto found = done_.find(attempt_of(born));
  if (found == done_.end() || found->second.boot_id != born.identity.boot_id) return;
  stage.fail(fmt::format("the agent of {} is begun again after it ended well", found->first));
}

void done_is_not_repeated::process_ended(world& stage, const process_record& gone) {
  using environment::exit_status;
  constexpr duration moment = 100ms;
  if (disk_fails(stage.host().plan())) return done_.clear();
  const auto* shim = stage.host().find(gone.parent);
  const bool told = shim != nullptr && shim->name == "nine-shim" && !shim->ending &&
                    !stage.host().disk().exists(tombstone_);
  const bool whole = gone.output_lost == 0;  // else what it did is not there to be kept
  if (gone.name == "agent" && gone.exit == exit_status::exited(0) && told && whole)
    done_[attempt_of(gone)] = {stage.now(), gone.identity.boot_id};
  if (gone.name == "nine-shim" && gone.exit.how == exit_status::kind::signalled)
    std::erase_if(done_, [&](const auto& each) { return stage.now() - each.second.at < moment; });
}

}  // namespace nine::simulation
