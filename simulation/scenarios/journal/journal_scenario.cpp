#include "simulation/scenarios/journal/journal_scenario.hpp"

#include <csignal>

#include "simulation/scenarios/journal/journal_core.hpp"

namespace nine::simulation {
namespace {

constexpr auto rest_most = 10min;

void draw_store_faults(random_stream& random, store_faults& plan) {
  plan = {};
  if (random.chance(0.5)) return;
  plan.commit_lost = 0.05;
  plan.commit_kept = 0.05;
  plan.commit_unanswered = 0.03;
  plan.fenced = 0.002;
  plan.read_error = 0.02;
  plan.reopen_error = 0.3;
}

class journal_story {
 public:
  explicit journal_story(world& stage) : stage_(stage) {
    home_.ledger = &stage.watch<journal_ledger>(home_.medium);
    stage.programs()["core"] = [this](process_context& context) {
      return std::make_unique<journal_core>(context, home_);
    };
  }

  void disturb() {
    draw_store_faults(stage_.random(), home_.plan);
    stage_.host().plan().slow_work = stage_.random().chance(0.3) ? 0.1 : 0;
    stage_.start({"core"});
    stage_.run_steps(stage_.random().below(400));
    switch (stage_.random().below(5)) {
      case 0:
        return kill_cores();
      case 1:
        return stop_and_replace_core();
      case 2:
        return lose_power();
      case 3:
        return lose_power_after_reopening();
      default:
        stage_.run_for(stage_.random().between(1ms, 100ms));
    }
  }

  /// Without further faults a new core does all of its work, and so does no older one.
  void come_to_rest() {
    home_.plan = {};
    stage_.host().plan() = {};
    for (auto* each : stage_.host().alive("core"))
      stage_.host().signal(*each, SIGCONT);
    auto& last = stage_.start({"core"});
    if (!stage_.run_until([&] { return last.gone; }, rest_most)) {
      return stage_.fail("the last core does not finish");
    }
    if (last.exit != environment::exit_status::exited(0)) stage_.fail("the last core failed");
    if (home_.ledger->acknowledgements() == 0) stage_.fail("nothing was ever acknowledged");
    kill_cores();
  }

 private:
  void kill_cores() {
    for (auto* each : stage_.host().alive("core"))
      stage_.host().kill(*each);
  }

  void stop_and_replace_core() {
    const auto cores = stage_.host().alive("core");
    for (auto* each : cores)
      stage_.host().signal(*each, SIGSTOP);
    stage_.start({"core"});
    stage_.run_steps(stage_.random().below(400));
    for (auto* each : cores) {
      if (!each->gone) stage_.host().signal(*each, SIGCONT);
    }
  }

  void lose_power() {
    stage_.host().reboot();
    home_.medium->lose_unsynced();
  }

  /// Right after the first acknowledgement that follows a reopening: what had taken place before it
  /// must have been synced with it at the latest.
  void lose_power_after_reopening() {
    home_.plan.commit_kept = 0.3;
    home_.acknowledged_at_reopening.reset();
    stage_.run_until(
        [this] {
          const auto& then = home_.acknowledged_at_reopening;
          return then && home_.ledger->acknowledgements() > *then;
        },
        2s);
    lose_power();
  }

  world& stage_;
  journal_home home_;
};

}  // namespace

void play_journal(world& stage) {
  auto& story = stage.keep<journal_story>(stage);
  const auto rounds = 3 + stage.random().below(6);
  for (std::uint64_t round = 0; round < rounds && !stage.failed(); ++round)
    story.disturb();
  if (!stage.failed()) story.come_to_rest();
}

}  // namespace nine::simulation
