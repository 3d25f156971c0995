#include "simulation/scenarios/supervision/supervision_scenario.hpp"

#include <csignal>

#include "simulation/agents/scripted_agent.hpp"
#include "simulation/checkers/restart_intensity_kept.hpp"
#include "simulation/scenarios/supervision/supervision_checkers.hpp"
#include "simulation/scenarios/supervision/supervision_core.hpp"
#include "simulation/shim/simulated_shim.hpp"

namespace nine::simulation {
namespace {

/// Cool-downs, delays and time-outs of a whole story; virtual.
constexpr auto rest_most = 1h;

class supervision_story {
 public:
  explicit supervision_story(world& stage) : stage_(stage) {
    stage.watch<one_incarnation>(home_);
    stage.watch<restart_intensity_kept>(5, 60s);
    stage.watch<finished_stays_finished>(home_);
    auto& programs = stage.programs();
    programs["nine-shim"] = simulated_shims();
    programs["agent"] = scripted_agent(script_, [](process_context&) { return "done"; });
    programs[descendant_program] = agent_descendant();
    programs["core"] = [this](process_context& context) {
      return std::make_unique<supervision_core>(context, home_);
    };
    const auto count = 1 + stage.random().below(4);
    for (std::uint64_t number = 1; number <= count; ++number) {
      home_.children["t" + std::to_string(number) + ".a1"] = {};
    }
  }

  void disturb() {
    draw_behaviour();
    ensure_core();
    let_pass();
    switch (stage_.random().below(7)) {
      case 0:
        return kill_all("core");
      case 1:
        return kill_one("nine-shim");
      case 2:
        return kill_one("agent");
      case 3:
        return stop_and_replace_core();
      case 4:
        return stage_.host().reboot();
      case 5:
        return cut_core();
      default:
        kill_all("core");
        kill_all("nine-shim");
    }
  }

  /// Without further faults every child ends; half of the stories ask for it.
  void come_to_rest() {
    stage_.host().plan() = {};
    script_ = {};
    home_.stop_wanted = stage_.random().chance(0.5);
    if (home_.stop_wanted) kill_all("core");
    for (auto* each : stage_.host().alive())
      stage_.host().signal(*each, SIGCONT);
    for (auto* each : stage_.host().alive("agent"))
      stage_.host().kill(*each);
    const bool rested =
        stage_.run_until([this] { return ensure_core() && all_finished(); }, rest_most);
    if (!rested) stage_.fail("the children do not come to an end");
    const bool alone = stage_.run_until([this] { return only_cores_live(); }, 5min);
    if (!alone) stage_.fail("processes are left over");
    kill_all("core");
  }

 private:
  void draw_behaviour() {
    auto& random = stage_.random();
    script_ = {};
    script_.work_most = random.between(1s, 60s);
    script_.crash = random.chance(0.5) ? 0.3 : 0;
    if (random.chance(0.2)) script_ = {.work_most = 2s, .crash = 1};
    script_.hang = random.chance(0.3) ? 0.2 : 0;
    script_.ignore_term = random.chance(0.3) ? 0.5 : 0;
    script_.leave_behind = random.chance(0.5) ? 0.5 : 0;
    auto& plan = stage_.host().plan();
    plan = {};
    plan.slow_work = random.chance(0.3) ? 0.1 : 0;
    plan.probe_unknown = random.chance(0.3) ? 0.3 : 0;
    plan.spawn_failure = random.chance(0.2) ? 0.2 : 0;
    plan.disk_error = random.chance(0.2) ? 0.1 : 0;
    plan.refuse = random.chance(0.2) ? 0.2 : 0;
  }

  /// Bursts of steps right after something happened, and long times in between.
  void let_pass() {
    if (stage_.random().chance(0.6)) {
      stage_.run_steps(stage_.random().below(300));
    } else {
      stage_.run_for(stage_.random().between(1ms, 30s));
    }
  }

  bool ensure_core() {
    if (stage_.host().alive("core").empty()) stage_.start({"core"});
    return true;
  }

  void kill_all(std::string_view program) {
    for (auto* each : stage_.host().alive(program))
      stage_.host().kill(*each);
  }

  void kill_one(std::string_view program) {
    const auto alive = stage_.host().alive(program);
    if (!alive.empty()) stage_.host().kill(*alive[stage_.random().below(alive.size())]);
  }

  /// As a guard does with a core that no longer beats: it is killed before its successor starts,
  /// which could not take the lock otherwise.
  void stop_and_replace_core() {
    for (auto* each : stage_.host().alive("core"))
      stage_.host().signal(*each, SIGSTOP);
    let_pass();
    kill_all("core");
    stage_.start({"core"});
    let_pass();
  }

  void cut_core() {
    for (auto* each : stage_.host().alive("core"))
      stage_.host().board().cut(each->identity.pid);
  }

  bool all_finished() const {
    for (const auto& [name, child] : home_.children) {
      if (!child.finished && !home_.stop_wanted) return false;
    }
    return !home_.stop_wanted || only_cores_live();
  }

  bool only_cores_live() const {
    return stage_.host().alive().size() == stage_.host().alive("core").size();
  }

  world& stage_;
  supervision_home home_;
  agent_script script_;
};

}  // namespace

void play_supervision(world& stage) {
  auto& story = stage.keep<supervision_story>(stage);
  const auto rounds = 2 + stage.random().below(6);
  for (std::uint64_t round = 0; round < rounds && !stage.failed(); ++round)
    story.disturb();
  if (!stage.failed()) story.come_to_rest();
}

}  // namespace nine::simulation
