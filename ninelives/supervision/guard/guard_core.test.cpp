#include "ninelives/supervision/guard/guard_core.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace nine::supervision::guard {
namespace {

using environment::exit_status;
using environment::process_identity;
using testing::ElementsAre;
using testing::IsEmpty;
using phase = guard_core::phase;

constexpr service_index core = 0;
constexpr service_index gateway = 1;

process_identity process(int pid) {
  return {pid, 1000u + static_cast<unsigned>(pid), "boot"};
}

/// A guard_core at a time that the test moves, with its actions as words: "spawn core",
/// "TERM core 101", "KILL core 101". Reports are kept apart.
class table {
 public:
  explicit table(std::vector<std::string> names = {"core"}) : guard_(options_for(names)) {}

  std::vector<std::string> step(const guard_event& event) {
    std::vector<std::string> words;
    for (const auto& action : guard_.step(event, now_, 0.0)) {
      if (const auto* said = std::get_if<report>(&action)) reports_.push_back(said->text);
      if (const auto* spawn = std::get_if<spawn_service>(&action)) {
        words.push_back("spawn " + name(spawn->service));
      }
      if (const auto* sent = std::get_if<signal_service>(&action)) words.push_back(word(*sent));
    }
    return words;
  }
  std::vector<std::string> after(duration wait, const guard_event& event = time_passed{}) {
    now_ += wait;
    return step(event);
  }
  /// Time in steps no longer than the guard asked for; ends early at the first action.
  std::vector<std::string> pass(duration wait) {
    const auto end = now_ + wait;
    while (now_ < end) {
      now_ = std::min(end, guard_.next_wakeup());
      if (auto words = step(time_passed{}); !words.empty()) return words;
    }
    return {};
  }
  std::vector<std::string> say(int pid, std::string_view lines) {
    return step(notified{pid, environment::parse_notification(lines)});
  }
  std::vector<std::string> end(service_index service, int pid, bool home_stopped = false) {
    return step(ended{service, process(pid), exit_status::signalled(SIGKILL), home_stopped});
  }
  void spawn_and_ready(service_index service, int pid) {
    step(spawned{service, process(pid)});
    say(pid, "READY=1");
  }
  /// One service, running since the start as process 101.
  static table running() {
    table one;
    one.step(begin{});
    one.spawn_and_ready(core, 101);
    return one;
  }
  /// For `wait`, a beat each second.
  void beat_for(duration wait, int pid) {
    for (const auto end = now_ + wait; now_ < end;) {
      now_ += 1s;
      say(pid, "WATCHDOG=1");
      ASSERT_THAT(step(time_passed{}), IsEmpty());
    }
  }

  const guard_core& guard() const { return guard_; }
  phase now(service_index service = core) const { return guard_.state(service).now; }
  const std::string& last_report() const { return reports_.back(); }
  duration until_wakeup() const { return guard_.next_wakeup() - now_; }

 private:
  static guard_core_options options_for(const std::vector<std::string>& names) {
    guard_core_options options;
    for (const auto& one : names)
      options.services.push_back({.name = one});
    return options;
  }
  std::string name(service_index service) const { return guard_.specification(service).name; }
  std::string word(const signal_service& sent) const {
    return fmt::format("{} {} {}", sent.signal_number == SIGKILL ? "KILL" : "TERM",
                       name(sent.service), sent.process.pid);
  }

  guard_core guard_;
  monotonic_time now_ = monotonic_time(1000s);
  std::vector<std::string> reports_;
};

TEST(guard_core, starts_a_service_at_once) {
  table one;
  EXPECT_THAT(one.step(begin{}), ElementsAre("spawn core"));
  one.step(spawned{core, process(101)});
  EXPECT_EQ(one.now(), phase::starting);
  one.say(101, "READY=1\nSTATUS=serving");
  EXPECT_EQ(one.now(), phase::running);
}

TEST(guard_core, starts_services_in_order_each_when_the_one_before_is_ready) {
  table both({"core", "gateway"});
  EXPECT_THAT(both.step(begin{}), ElementsAre("spawn core"));
  EXPECT_THAT(both.step(spawned{core, process(101)}), IsEmpty());
  EXPECT_THAT(both.say(101, "READY=1"), ElementsAre("spawn gateway"));
  EXPECT_THAT(both.step(spawned{gateway, process(102)}), IsEmpty());
  EXPECT_THAT(both.say(102, "READY=1"), IsEmpty());
}

TEST(guard_core, restarts_at_once_the_first_time_then_ever_more_slowly_and_never_gives_up) {
  table one;
  one.step(begin{});
  int pid = 101;
  duration waited{};
  for (int life = 1; life <= 50; ++life, ++pid) {
    one.step(spawned{core, process(pid)});
    const auto words = one.end(core, pid);
    if (life == 1) {
      EXPECT_THAT(words, ElementsAre("spawn core"));
      continue;
    }
    ASSERT_THAT(words, IsEmpty());
    ASSERT_EQ(one.now(), phase::waiting);
    waited = one.guard().state(core).deadline - monotonic_time(1000s);
    ASSERT_THAT(one.pass(31s), ElementsAre("spawn core"));
  }
  EXPECT_GT(waited, 15s * 35) << "chance takes half of each wait here, the most it may";
}

TEST(guard_core, forgives_failures_after_a_stable_life) {
  auto one = table::running();
  EXPECT_THAT(one.end(core, 101), ElementsAre("spawn core"));
  one.spawn_and_ready(core, 102);
  one.beat_for(40s, 102);
  EXPECT_THAT(one.end(core, 102), ElementsAre("spawn core")) << "a stable life came before";
  one.spawn_and_ready(core, 103);
  one.beat_for(5s, 103);
  EXPECT_THAT(one.end(core, 103), IsEmpty()) << "5 s are not stable";
}

TEST(guard_core, forgives_failures_before_a_long_life_that_ended_by_hanging) {
  auto one = table::running();
  one.end(core, 101);
  one.spawn_and_ready(core, 102);
  one.beat_for(40s, 102);
  EXPECT_THAT(one.pass(11s), ElementsAre("TERM core 102"));
  EXPECT_THAT(one.end(core, 102), ElementsAre("spawn core"));
}

TEST(guard_core, tries_again_after_a_failed_spawn_but_not_tightly) {
  table one;
  one.step(begin{});
  EXPECT_THAT(one.step(spawn_failed{core, "no such file"}), ElementsAre("spawn core"));
  EXPECT_THAT(one.step(spawn_failed{core, "no such file"}), IsEmpty());
  EXPECT_EQ(one.until_wakeup(), 50ms);
  EXPECT_THAT(one.pass(50ms), ElementsAre("spawn core"));
  EXPECT_THAT(one.step(spawn_failed{core, "no such file"}), IsEmpty());
  EXPECT_EQ(one.until_wakeup(), 100ms);
}

// proves: S9, S8
TEST(guard_core, terminates_then_kills_then_replaces_a_service_whose_beats_stop) {
  auto one = table::running();
  one.beat_for(60s, 101);
  EXPECT_THAT(one.pass(9s), IsEmpty());
  EXPECT_THAT(one.pass(1s), ElementsAre("TERM core 101"));
  EXPECT_EQ(one.last_report(), "core: TERM to process 101: no beat for 10.000 s");
  EXPECT_THAT(one.say(101, "WATCHDOG=1"), IsEmpty());
  EXPECT_THAT(one.pass(29s), IsEmpty()) << "a beat does not take the verdict back, nor hasten it";
  EXPECT_THAT(one.pass(1s), ElementsAre("KILL core 101"));
  EXPECT_THAT(one.pass(29s), IsEmpty()) << "never a second one while the first may live (S8)";
  EXPECT_THAT(one.pass(1s), ElementsAre("KILL core 101"));
  EXPECT_THAT(one.end(core, 101), ElementsAre("spawn core"));
}

TEST(guard_core, counts_a_service_that_is_not_ready_in_time_as_stale) {
  table one;
  one.step(begin{});
  one.step(spawned{core, process(101)});
  EXPECT_THAT(one.pass(59s), IsEmpty());
  one.say(101, "WATCHDOG=1");
  EXPECT_THAT(one.pass(1s), ElementsAre("TERM core 101"));
  EXPECT_EQ(one.last_report(), "core: TERM to process 101: not ready 60.000 s after its start");
}

// proves: W9
TEST(guard_core, does_not_hold_its_own_lateness_against_a_service) {
  auto one = table::running();
  one.beat_for(5s, 101);
  EXPECT_THAT(one.after(1h), IsEmpty()) << "the guard itself was stopped for an hour";
  EXPECT_THAT(one.pass(8s), IsEmpty());
  EXPECT_THAT(one.pass(2s), ElementsAre("TERM core 101")) << "time it was awake counts";
}

TEST(guard_core, comes_to_a_verdict_even_when_it_is_always_late) {
  auto one = table::running();
  int rounds = 0;
  while (one.now() == phase::running && rounds < 100) {
    one.after(6s);
    ++rounds;
  }
  EXPECT_EQ(one.now(), phase::stopping);
  EXPECT_GT(rounds, 5);
  EXPECT_LT(rounds, 20);
}

TEST(guard_core, gives_the_grace_time_back_that_it_slept_through) {
  auto one = table::running();
  EXPECT_THAT(one.pass(10s), ElementsAre("TERM core 101"));
  EXPECT_THAT(one.after(1h), IsEmpty());
  EXPECT_THAT(one.pass(28s), IsEmpty());
  EXPECT_THAT(one.pass(2s), ElementsAre("KILL core 101"));
}

TEST(guard_core, watches_an_adopted_process_like_its_own) {
  table one;
  EXPECT_THAT(one.step(begin{}), ElementsAre("spawn core"));
  EXPECT_THAT(one.step(adopted{core, process(77)}), IsEmpty());
  one.beat_for(20s, 77);
  EXPECT_THAT(one.pass(10s), ElementsAre("TERM core 77"));
  EXPECT_THAT(one.end(core, 77), ElementsAre("spawn core"));
}

/// It may boot still, and sends no beat before it is ready.
// proves: S9
TEST(guard_core, gives_an_adopted_process_the_time_of_a_start_until_its_first_word) {
  table one;
  one.step(begin{});
  one.step(adopted{core, process(77)});
  EXPECT_THAT(one.pass(59s), IsEmpty());
  EXPECT_THAT(one.say(77, "READY=1"), IsEmpty());
  EXPECT_THAT(one.pass(9s), IsEmpty());
  EXPECT_THAT(one.pass(1s), ElementsAre("TERM core 77"));
  table mute;
  mute.step(begin{});
  mute.step(adopted{core, process(77)});
  EXPECT_THAT(mute.pass(60s), ElementsAre("TERM core 77"));
}

TEST(guard_core, starts_the_others_beside_an_adopted_process) {
  table both({"core", "gateway"});
  both.step(begin{});
  EXPECT_THAT(both.step(adopted{core, process(77)}), IsEmpty());
  EXPECT_THAT(both.say(77, "WATCHDOG=1"), ElementsAre("spawn gateway"));
}

TEST(guard_core, listens_to_the_main_process_of_a_service_alone) {
  auto one = table::running();
  one.say(555, "STATUS=I am somebody else\nSTOPPING=1");
  EXPECT_EQ(one.now(), phase::running);
  one.pass(5s);
  one.say(555, "WATCHDOG=1");
  EXPECT_THAT(one.pass(5s), ElementsAre("TERM core 101"));
}

TEST(guard_core, ignores_the_end_of_a_process_that_plays_no_part_any_more) {
  auto one = table::running();
  EXPECT_THAT(one.end(core, 99), IsEmpty());
  EXPECT_EQ(one.now(), phase::running);
  const process_identity reused{101, 5, "boot"};
  EXPECT_THAT(one.step(ended{core, reused, exit_status::exited(0), false}), IsEmpty());
  EXPECT_EQ(one.now(), phase::running) << "the same pid is not the same process";
}

TEST(guard_core, gives_a_service_that_ends_by_itself_the_grace_time_and_starts_it_again) {
  auto one = table::running();
  EXPECT_THAT(one.say(101, "STOPPING=1"), IsEmpty());
  EXPECT_THAT(one.pass(29s), IsEmpty()) << "no beats are expected while it stops";
  EXPECT_THAT(one.pass(1s), ElementsAre("KILL core 101"));
  EXPECT_THAT(one.end(core, 101), ElementsAre("spawn core"));
}

TEST(guard_core, stops_in_reverse_order_one_at_a_time) {
  table both({"core", "gateway"});
  both.step(begin{});
  both.spawn_and_ready(core, 101);
  both.spawn_and_ready(gateway, 102);
  EXPECT_THAT(both.step(stop_requested{"asked"}), ElementsAre("TERM gateway 102"));
  EXPECT_FALSE(both.guard().finished());
  EXPECT_THAT(both.end(gateway, 102), ElementsAre("TERM core 101"));
  EXPECT_FALSE(both.guard().finished());
  EXPECT_THAT(both.end(core, 101), IsEmpty());
  EXPECT_TRUE(both.guard().finished());
}

TEST(guard_core, kills_what_does_not_stop) {
  auto one = table::running();
  one.step(stop_requested{"asked"});
  EXPECT_THAT(one.step(stop_requested{"again"}), IsEmpty());
  EXPECT_THAT(one.pass(30s), ElementsAre("KILL core 101"));
  one.end(core, 101);
  EXPECT_TRUE(one.guard().finished());
}

TEST(guard_core, does_not_start_again_what_dies_during_the_stop) {
  table both({"core", "gateway"});
  both.step(begin{});
  both.spawn_and_ready(core, 101);
  both.spawn_and_ready(gateway, 102);
  both.step(stop_requested{"asked"});
  EXPECT_THAT(both.end(core, 101), IsEmpty());
  EXPECT_THAT(both.end(gateway, 102), IsEmpty());
  EXPECT_TRUE(both.guard().finished());
  EXPECT_THAT(both.pass(10min), IsEmpty());
}

TEST(guard_core, stops_a_service_that_is_still_starting) {
  table one;
  one.step(begin{});
  one.step(spawned{core, process(101)});
  EXPECT_THAT(one.step(stop_requested{"asked"}), ElementsAre("TERM core 101"));
  EXPECT_THAT(one.say(101, "READY=1"), IsEmpty());
  one.end(core, 101);
  EXPECT_TRUE(one.guard().finished());
}

TEST(guard_core, finishes_at_once_when_a_stop_comes_during_backoff) {
  table one;
  one.step(begin{});
  one.step(spawn_failed{core, "no"});
  one.step(spawn_failed{core, "no"});
  ASSERT_EQ(one.now(), phase::waiting);
  EXPECT_THAT(one.step(stop_requested{"asked"}), IsEmpty());
  EXPECT_TRUE(one.guard().finished());
}

TEST(guard_core, starts_nothing_when_a_stop_comes_before_the_next_service) {
  table both({"core", "gateway"});
  both.step(begin{});
  both.step(spawned{core, process(101)});
  both.step(stop_requested{"asked"});
  EXPECT_THAT(both.say(101, "READY=1"), IsEmpty());
}

TEST(guard_core, takes_an_ending_in_a_stopped_home_for_a_stop) {
  table both({"core", "gateway"});
  both.step(begin{});
  both.spawn_and_ready(core, 101);
  both.spawn_and_ready(gateway, 102);
  EXPECT_THAT(both.end(core, 101, true), ElementsAre("TERM gateway 102"));
  both.end(gateway, 102, true);
  EXPECT_TRUE(both.guard().finished());
}

TEST(guard_core, looks_at_least_once_a_check_interval) {
  auto one = table::running();
  EXPECT_EQ(one.until_wakeup(), 1s);
}

TEST(restart_backoff, grows_to_its_bound_and_is_halved_at_most_by_chance) {
  const backoff_limits limits{.first = 100ms, .most = 1s};
  struct row {
    std::uint32_t failures;
    double chance;
    duration expected;
  };
  const row rows[] = {
      {0, 0.0, 0ms},   {1, 0.0, 50ms},  {2, 0.0, 100ms}, {3, 0.0, 200ms},
      {4, 0.0, 400ms}, {5, 0.0, 500ms}, {6, 0.0, 500ms}, {4'000'000'000, 0.0, 500ms},
      {1, 0.5, 75ms},  {5, 0.5, 750ms}};
  for (const auto& row : rows) {
    EXPECT_EQ(restart_backoff(limits, row.failures, row.chance), row.expected) << row.failures;
  }
  EXPECT_LT(restart_backoff(limits, 5, 0.999), 1s);
}

TEST(guard_core, replaces_a_service_that_cannot_be_reached) {
  auto one = table::running();
  EXPECT_THAT(one.step(unreachable{core}), ElementsAre("TERM core 101"));
  EXPECT_THAT(one.step(unreachable{core}), IsEmpty());  // it has been told
  EXPECT_THAT(one.end(core, 101), ElementsAre("spawn core"));
  EXPECT_THAT(one.step(unreachable{core}), IsEmpty());  // it is being started
}

}  // namespace
}  // namespace nine::supervision::guard
