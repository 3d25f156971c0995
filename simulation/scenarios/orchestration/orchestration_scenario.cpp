#include "simulation/scenarios/orchestration/orchestration_scenario.hpp"

#include <fmt/format.h>

#include <csignal>

#include "simulation/agents/scripted_agent.hpp"
#include "simulation/checkers/restart_intensity_kept.hpp"
#include "simulation/scenarios/orchestration/home_programs.hpp"
#include "simulation/scenarios/orchestration/orchestration_checkers.hpp"
#include "simulation/scenarios/orchestration/task_client.hpp"
#include "simulation/scenarios/orchestration/task_programs.hpp"
#include "simulation/shim/simulated_shim.hpp"

namespace nine::simulation {
namespace {

/// All waits, time-outs and attempts of a story; virtual.
constexpr auto rest_most = 1h;

class orchestration_story {
 public:
  explicit orchestration_story(world& stage) : stage_(stage) {
    home_.say = [&stage](std::string_view line) { stage.note(line); };
    home_.ledger = &stage.watch<task_ledger>(stage, home_.medium);
    stage.watch<one_life_at_a_time>(home_.medium);
    stage.watch<stopped_stays_stopped>(home_.layout.root());
    stage.watch<done_is_not_repeated>(home_.layout.tombstone());
    stage.watch<tombstone_begins_nothing>(home_.layout.tombstone());
    stage.watch<restart_intensity_kept>(orchestration_home::restart_intensity,
                                        orchestration_home::restart_period);
    auto& programs = stage.programs();
    programs["guard"] = guard_of(home_);
    programs["core"] = core_of(home_);
    programs["nine-shim"] = simulated_shims();
    programs["agent"] = task_agents(home_);
    programs["gate"] = task_gates(home_);
    programs["client"] = task_clients(home_);
    programs["down"] = home_stoppers(home_);
    programs["up"] = home_starters(home_);
    programs[descendant_program] = agent_descendant();
    draw_behaviour();
    add_clients(1 + stage.random().below(3));
  }

  void disturb() {
    draw_behaviour();
    draw_faults();
    if (clients_.size() < clients_most && stage_.random().chance(0.4)) add_clients(1);
    let_pass();
    strike();
    keep_clients();
  }

  /// Without further faults every task ends, every client is told, and a new task succeeds.
  void come_to_rest() {
    stage_.host().plan() = {};
    home_.store_plan = {};
    home_.seam_plan = {};
    home_.scripts.clear();
    home_.scripts["useless"].failure = 1;
    for (auto* each : stage_.host().alive())
      stage_.host().signal(*each, SIGCONT);
    clients_.push_back({task_client_that_stays, "plain"});
    const bool rested = stage_.run_until(
        [this] {
          const bool done = keep_clients() && all_told() && home_.ledger->all_ended();
          if (!done) keep_home();
          return done;
        },
        rest_most);
    if (!rested) {
      home_.ledger->tell_facts();
      return stage_.fail(all_told()
                             ? "not every task comes to an end: " + home_.ledger->unfinished()
                             : "not every client is told of its tasks' ends");
    }
    home_.ledger->expect_success(task_client_that_stays);
    stop_in_order();
  }

 private:
  struct client_record {
    std::string key;
    std::string type;
    process_record* process = nullptr;
    bool told = false;
  };

  static constexpr std::size_t clients_most = 6;

  void add_clients(std::uint64_t count) {
    static constexpr std::array types = {"plain", "ladder", "gated"};
    for (; count > 0; --count) {
      const auto key = fmt::format("key-{}", clients_.size() + 1);
      clients_.push_back({key, types[stage_.random().below(types.size())]});
    }
    keep_clients();
  }

  /// A client that died with its machine comes back and asks again under its key.
  bool keep_clients() {
    for (auto& each : clients_) {
      if (each.told) continue;
      if (each.process && each.process->gone) {
        each.told = each.process->exit == environment::exit_status::exited(0);
        each.process = nullptr;
      }
      if (!each.told && !each.process)
        each.process = &stage_.start({"client", each.key, each.type});
    }
    return true;
  }

  /// A home that is stopped, or of which nothing lives, waits for a person's command.
  void keep_home() {
    const auto lives = [this](const char* program) {
      return !stage_.host().alive(program).empty();
    };
    const bool stopped = stage_.host().disk().exists(home_.layout.tombstone());
    const bool dead = std::ranges::none_of(std::array{"guard", "core", "nine-shim"}, lives);
    const bool asked = lives("up") || lives("down");
    if ((stopped || dead) && !asked) start_home();
  }

  bool all_told() const {
    return std::ranges::all_of(clients_, [](const auto& each) { return each.told; });
  }

  void draw_behaviour() {
    auto& random = stage_.random();
    for (const auto* name : {"steady", "flaky", "useless", "gate"}) {
      auto& script = home_.scripts[name];
      script = {};
      script.work_most = random.between(100ms, 10s);
      script.crash = random.chance(0.4) ? 0.3 : 0;
      if (random.chance(0.1)) script.crash = 1;
      script.hang = random.chance(0.2) ? 0.2 : 0;
      script.ignore_term = random.chance(0.3) ? 0.5 : 0;
      script.leave_behind = random.chance(0.3) ? 0.5 : 0;
    }
    home_.scripts["flaky"].failure = 0.3;
    home_.scripts["flaky"].nothing = 0.2;
    home_.scripts["useless"].failure = 0.7;
    home_.scripts["useless"].nothing = 0.5;
    home_.scripts["gate"].failure = random.chance(0.5) ? 0.3 : 0;
  }

  void draw_faults() {
    auto& random = stage_.random();
    auto& plan = stage_.host().plan();
    plan = {};
    plan.slow_work = random.chance(0.3) ? 0.1 : 0;
    plan.probe_unknown = random.chance(0.2) ? 0.3 : 0;
    plan.spawn_failure = random.chance(0.2) ? 0.2 : 0;
    plan.disk_error = random.chance(0.2) ? 0.05 : 0;
    plan.disk_full = random.chance(0.1);
    plan.refuse = random.chance(0.2) ? 0.2 : 0;
    draw_seam_faults(plan.disk_error > 0);
    home_.store_plan = {};
    if (random.chance(0.6)) return;
    home_.store_plan = {.commit_lost = 0.05,
                        .commit_kept = 0.05,
                        .commit_unanswered = 0.03,
                        .fenced = 0.002,
                        .read_error = 0.01,
                        .reopen_error = 0.3};
  }

  /// Files fail only together with the disk, so that whoever watches knows of it.
  void draw_seam_faults(bool disk_fails) {
    auto& random = stage_.random();
    home_.seam_plan = {};
    home_.seam_plan.files.part = random.chance(0.3) ? 0.3 : 0;
    if (disk_fails) home_.seam_plan.files.fail = home_.seam_plan.files.cut = 0.02;
    if (random.chance(0.7)) return;
    home_.seam_plan.network = {
        .fail = 0.02, .cut = 0.01, .delay = 0.1, .part = 0.3, .delay_most = 200ms};
  }

  /// Bursts of steps right after something happened, and long times in between.
  void let_pass() {
    if (stage_.random().chance(0.5)) {
      stage_.run_steps(stage_.random().below(1000));
    } else {
      stage_.run_for(stage_.random().between(1ms, 15s));
    }
  }

  void strike() {
    switch (stage_.random().below(17)) {
      case 0:
        return kill_all("core");
      case 1:
        return kill_all("guard");
      case 2:
        return kill_one("nine-shim");
      case 3:
        return kill_one("agent");
      case 4:
        return kill_everything();
      case 5:
        return freeze("core");
      case 6:
        return freeze("guard");
      case 7:
        return lose_power();
      case 8:
        return lose_locks();
      case 9:
        return stop_and_start();
      case 10:
        return lose_run_directory();
      case 11:
        return lose_power_after_promise();
      case 12:
        return lose_what_was_never_committed();
      case 13:
        return freeze("nine-shim");
      case 14:
        return freeze("client");
      case 15:
        return stage_.host().time().jump_wall(stage_.random().between(1ms, 20min) - 10min);
      default:
        kill_all("core");
        kill_all("guard");
    }
  }

  void kill_all(std::string_view program) {
    for (auto* each : stage_.host().alive(program))
      stage_.host().kill(*each);
  }

  void kill_one(std::string_view program) {
    const auto alive = stage_.host().alive(program);
    if (!alive.empty()) stage_.host().kill(*alive[stage_.random().below(alive.size())]);
  }

  void kill_everything() {
    for (const auto* program : {"guard", "core", "nine-shim", "agent", "gate"})
      kill_all(program);
  }

  void freeze(std::string_view program) {
    const auto frozen = stage_.host().alive(program);
    for (auto* each : frozen)
      stage_.host().signal(*each, SIGSTOP);
    let_pass();
    for (auto* each : frozen) {
      if (!each->gone) stage_.host().signal(*each, SIGCONT);
    }
  }

  void lose_power() {
    stage_.host().reboot();
    home_.medium->lose_unsynced();
    home_.ledger->compare();
  }

  /// Agents are restarted, and work, while the journal's store fails; then nobody is left who knows
  /// of their new lives, only their outputs.
  void lose_what_was_never_committed() {
    const auto plan = std::exchange(home_.store_plan, {.commit_lost = 1, .reopen_error = 1});
    kill_all("agent");
    let_pass();
    kill_everything();
    home_.store_plan = plan;
  }

  /// In the very step in which a client or an agent was told: what it was told must be on the disk.
  void lose_power_after_promise() {
    const bool cancelling = stage_.random().chance(0.5);
    const auto made = [this, cancelling] {
      return cancelling ? home_.ledger->cancellations() : home_.ledger->promises();
    };
    const auto before = made();
    stage_.run_until([&] { return made() > before; }, 20s);
    lose_power();
  }

  /// Somebody clears HOME/run away while the core is stopped: a new guard and a new core come up
  /// beside the old one, which then goes on.
  void lose_locks() {
    const auto old = stage_.host().alive("core");
    for (auto* each : old)
      stage_.host().signal(*each, SIGSTOP);
    kill_all("guard");
    stage_.host().plan().disk_error = 0;
    std::ignore = stage_.host().disk().remove(home_.layout.run_directory());
    start_home();
    let_pass();
    if (stage_.random().chance(0.5)) let_pass();
    for (auto* each : old) {
      if (!each->gone) stage_.host().signal(*each, SIGCONT);
    }
    let_pass();
  }

  /// A tmp cleaner, say: everybody lives, and nobody finds anybody.
  void lose_run_directory() {
    stage_.host().plan().disk_error = 0;
    std::ignore = stage_.host().disk().remove(home_.layout.run_directory());
    let_pass();
  }

  /// `nine down`, and `nine up` after a while: what was unfinished goes on. In between, or right in
  /// the middle of the stopping, all or some of it dies; or `nine down` finds none but the shims.
  void stop_and_start() {
    if (stage_.random().chance(0.3)) {
      kill_all("guard");
      kill_all("core");
    }
    auto& down = stage_.start({"down"});
    if (stage_.random().chance(0.5)) {
      stage_.run_until([&] { return down.gone; }, orchestration_home::down_within);
    } else {
      let_pass();
    }
    switch (stage_.random().below(5)) {
      case 0:
        lose_power();
        break;
      case 1:
        kill_all("core");
        break;
      case 2:
        kill_everything();
        break;
      default:
        break;
    }
    keep_clients();
    let_pass();
    if (stage_.random().chance(0.7)) start_home();
  }

  void start_home() { stage_.start({"up"}); }

  /// `nine down` leaves nothing behind but who asked for it.
  void stop_in_order() {
    stage_.run_until([this] { return stage_.host().alive("up").empty(); }, 60s);
    auto& down = stage_.start({"down"});
    const bool answered =
        stage_.run_until([&] { return down.gone; }, orchestration_home::down_within);
    if (!answered || down.exit != environment::exit_status::exited(0)) {
      return stage_.fail("the home cannot be stopped");
    }
    const bool empty = stage_.run_until([this] { return stage_.host().alive().empty(); }, 60s);
    if (empty) return;
    const auto* left = stage_.host().alive().front();
    stage_.fail(fmt::format("{} (pid {}) is left over", left->name, left->identity.pid));
  }

  world& stage_;
  orchestration_home home_;
  std::vector<client_record> clients_;
};

}  // namespace

void play_orchestration(world& stage) {
  auto& story = stage.keep<orchestration_story>(stage);
  const auto rounds = 1 + stage.random().below(6);
  for (std::uint64_t round = 0; round < rounds && !stage.failed(); ++round)
    story.disturb();
  if (!stage.failed()) story.come_to_rest();
}

}  // namespace nine::simulation
