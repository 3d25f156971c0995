// Each checker, told a story in which its promise is broken, fails the run; and is content with the
// same story told without the breach.

#include <gtest/gtest.h>
#include <signal.h>

#include <functional>

#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "simulation/checkers/restart_intensity_kept.hpp"
#include "simulation/machine/function_program.hpp"
#include "simulation/scenarios/orchestration/orchestration_checkers.hpp"
#include "simulation/scenarios/orchestration/task_ledger.hpp"
#include "simulation/world.hpp"

namespace nine::simulation {
namespace {

boost::asio::awaitable<int> live_on(process_context& context) {
  for (;;)
    co_await context.clock().sleep_for(1h);
}

/// A world without a home: programs that do nothing, and an empty journal.
struct stage {
  stage() {
    for (const auto* name : {"core", "agent", "nine-shim", "down"})
      seen.programs()[name] = program_of(live_on);
  }
  process_record& agent(const std::string& epoch, process_record* shim = nullptr) {
    environment::process_specification specification;
    specification.arguments = {"agent"};
    specification.environment = {"NINE_TASK=t1", "NINE_ATTEMPT=1", "NINE_EPOCH=" + epoch,
                                 "NINE_CHILD=/home/nine/shims/t1.a1"};
    const auto born = seen.host().spawn(specification, shim);
    EXPECT_TRUE(born);
    return **born;
  }
  /// Its shim stood still, and goes on now.
  process_record& agent_of_continued_shim(const std::string& epoch) {
    auto& shim = seen.start({"nine-shim"}, {});
    seen.host().signal(shim, SIGSTOP);
    seen.host().signal(shim, SIGCONT);
    return agent(epoch, &shim);
  }
  void end(process_record& process) {
    seen.host().kill(process);
    seen.run_until([&] { return process.gone; }, 1min);
  }

  world seen{1};
  std::shared_ptr<journal::stores::memory_medium> medium =
      std::make_shared<journal::stores::memory_medium>();
};

struct breach {
  const char* name;
  const char* failure;  ///< part of what the checker says
  std::function<void(stage& on, bool broken)> story;
};

/// The facts of a task that is cancelled, before or after the start of its agent is decided.
void put_cancelled_task(stage& on, bool decided_before) {
  execution::task_accepted accepted;
  accepted.specification.plan.ladder.push_back({.name = "one", .command = {.words = {"true"}}});
  std::vector<execution::event> told{accepted,
                                     execution::attempt_started{.attempt = attempt_number(1)}};
  const execution::incarnation_started start{"t1.a1", epoch(1)};
  const execution::cancel_requested wish{"enough"};
  if (decided_before) told.insert(told.end(), {start, wish});
  if (!decided_before) told.insert(told.end(), {wish, start});
  std::vector<journal::record> records;
  for (const auto& one : told)
    records.push_back(execution::to_record(task_id(1), one));
  journal::stores::memory_store store(on.medium);
  std::vector<journal::record_outcome> outcomes;
  EXPECT_TRUE(store.claim());
  EXPECT_TRUE(store.commit(records, journal::durability::synced, outcomes));
}

const step_name pay{"t1", "", "pay"};
const step_name read_file{"t1", "1", "read"};

task_ledger& ledger_on(stage& on) {
  return on.seen.watch<task_ledger>(on.seen, on.medium);
}

const breach breaches[] = {
    {"accepted twice", "was accepted as",
     [](stage& on, bool broken) {
       auto& ledger = ledger_on(on);
       ledger.accepted("key", "t1");
       ledger.accepted("key", broken ? "t2" : "t1");
     }},
    {"accepted and lost", "and is lost",
     [](stage& on, bool broken) {
       auto& ledger = ledger_on(on);
       if (broken) ledger.accepted("key", "t1");
       ledger.compare();
     }},
    {"a step with effects outside done twice", "done twice",
     [](stage& on, bool broken) {
       auto& ledger = ledger_on(on);
       ledger.step_done(pay, "once");
       if (!broken) ledger.step_undone(pay);
       ledger.step_done(pay, "once");
     }},
    {"a finished step done again", "runs again",
     [](stage& on, bool broken) {
       auto& ledger = ledger_on(on);
       ledger.step_done(read_file, "pure");
       if (broken) ledger.step_acknowledged(read_file, "r");
       ledger.step_done(read_file, "pure");
     }},
    {"a step that never ran counts as finished", "never ran",
     [](stage& on, bool broken) {
       auto& ledger = ledger_on(on);
       if (!broken) ledger.step_done(pay, "once");
       ledger.step_repeated(pay, "r");
     }},
    {"two ends of one task", "and then as",
     [](stage& on, bool broken) {
       auto& ledger = ledger_on(on);
       ledger.told_end("t1", "failed", "");
       ledger.told_end("t1", broken ? "cancelled" : "failed", "");
     }},
    {"a result that nobody delivered", "which no agent delivered",
     [](stage& on, bool broken) {
       auto& ledger = ledger_on(on);
       if (!broken) ledger.delivered("t1", "r");
       ledger.told_end("t1", "succeeded", "r");
     }},
    {"a start after the end", "has ended and starts",
     [](stage& on, bool broken) {
       auto& ledger = ledger_on(on);
       if (broken) ledger.told_end("t1", "failed", "");
       on.agent("1");
     }},
    {"a start after the wish to cancel", "was cancelled and starts",
     [](stage& on, bool broken) {
       auto& ledger = ledger_on(on);
       put_cancelled_task(on, !broken);
       ledger.cancelled("t1");
       on.seen.run_for(1min);
       on.agent_of_continued_shim("1");
     }},
    {"a start decided before the wish to cancel, and late", "was cancelled and starts",
     [](stage& on, bool broken) {
       auto& ledger = ledger_on(on);
       put_cancelled_task(on, true);
       ledger.cancelled("t1");
       on.seen.run_for(1min);
       if (broken) on.agent("1");
       if (!broken) on.agent_of_continued_shim("1");
     }},
    {"restarts beyond the intensity spread over cores", "more often than its intensity",
     [](stage& on, bool broken) {
       on.seen.watch<restart_intensity_kept>(1, 60s);
       for (int life = 1; life <= 6; ++life) {
         if (life % 2 == 1) on.seen.start({"core"}, {});
         on.end(on.agent(std::to_string(life)));
         if (!broken) on.seen.run_for(31s);
       }
     }},
    {"two lives at a time", "of an earlier life runs",
     [](stage& on, bool broken) {
       on.seen.watch<one_life_at_a_time>(on.medium);
       auto& first = on.agent("1");
       if (!broken) on.end(first);
       on.agent("2");
     }},
    {"an epoch that does not rise", "starts with epoch",
     [](stage& on, bool broken) {
       on.seen.watch<one_life_at_a_time>(on.medium);
       on.end(on.agent("2"));
       on.agent(broken ? "2" : "3");
     }},
    {"more starts than the intensity allows", "more often than its intensity",
     [](stage& on, bool broken) {
       on.seen.watch<restart_intensity_kept>(1, 60s);
       for (int life = 1; life <= 3; ++life) {
         on.end(on.agent(std::to_string(life)));
         if (!broken) on.seen.run_for(61s);
       }
     }},
};

// proves: C2
TEST(checkers, see_the_breach_of_each_promise_and_nothing_else) {
  for (const auto& [name, failure, story] : breaches) {
    stage sound;
    story(sound, false);
    EXPECT_FALSE(sound.seen.failed()) << name << ": " << sound.seen.failure();
    stage broken;
    story(broken, true);
    EXPECT_TRUE(broken.seen.failure().contains(failure)) << name << ": " << broken.seen.failure();
  }
}

}  // namespace
}  // namespace nine::simulation
