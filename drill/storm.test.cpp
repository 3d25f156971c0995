// Many kills at random moments, and kills at the worst ones: inside the start and inside the
// shutdown.

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "drill/home.hpp"

namespace nine::drill {
namespace {

/// Kills come faster here than any honest crash loop: the brakes are told to bear that.
constexpr auto tolerant =
    "limits: {concurrent_agents: 4}\n"
    "supervision:\n"
    "  restart_intensity: 1000\n"
    "  restart_delay: {initial: 10ms, max: 50ms}\n"
    "  crash_loop: {crashes: 10, window: 1s, cool_down: 0s}\n";

/// Draws are printed with a failure: NINE_DRILL_SEED repeats them.
class chance {
 public:
  chance() : seed_(given_seed()), generator_(seed_) {}
  unsigned seed() const { return seed_; }
  int below(int limit) { return static_cast<int>(generator_() % static_cast<unsigned>(limit)); }

 private:
  static unsigned given_seed() {
    const char* text = std::getenv("NINE_DRILL_SEED");
    return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 1;
  }
  unsigned seed_;
  std::mt19937 generator_;
};

void pause_ms(int milliseconds) {
  ::poll(nullptr, 0, milliseconds);
}

/// How long this takes here when nobody is killed.
int undisturbed_ms(const std::function<void()>& what) {
  const auto begin = std::chrono::steady_clock::now();
  what();
  const auto took = std::chrono::steady_clock::now() - begin;
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
}

/// Takes half a second in small steps, whatever its life; delivers its own name.
std::string busy_agent(int number) {
  return "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.05; done; echo result " +
         std::to_string(number);
}

// proves: P1, P2, S10, S15
TEST(storm, two_hundred_kills_of_any_process_and_every_task_has_its_one_result) {
  constexpr int tasks = 12;
  constexpr int kills = 200;
  chance draw;
  home place(tolerant);
  std::vector<std::string> ids;
  for (int number = 0; number < tasks; ++number)
    ids.push_back(place.give(busy_agent(number)));
  std::map<std::string, int> killed;
  for (int round = 0; round < kills; ++round) {
    pause_ms(draw.below(60));
    const auto living = place.all_processes();
    if (living.empty()) {
      EXPECT_EQ(place.nine({"up"}).exit_code, 0);
      continue;
    }
    const auto victim =
        living[static_cast<std::size_t>(draw.below(static_cast<int>(living.size())))];
    const auto role = role_of(victim);
    killed[role] += send_signal(victim, SIGKILL) ? 1 : 0;
  }
  for (const auto* role : {"guard", "core", "shim", "agent"})
    EXPECT_GE(killed[role], 3) << role << ", seed " << draw.seed();
  for (int number = 0; number < tasks; ++number) {
    const auto& id = ids[static_cast<std::size_t>(number)];
    const auto task = place.wait(id);
    EXPECT_EQ(text(task, "status"), "succeeded")
        << "seed " << draw.seed() << ": " << boost::json::serialize(task);
    EXPECT_EQ(text(task, "result"), "result " + std::to_string(number));
    EXPECT_EQ(place.facts(id, "task_ended"), 1);
  }
}

/// Whom kills have met alive while a command was still at work.
class moments {
 public:
  /// To be called right before a kill; `command` is the one it falls into.
  void look(const home& place, const running_program& command) {
    if (!is_alive(command.pid())) return;
    std::set<std::string> living;
    for (const auto pid : place.all_processes())
      living.insert(role_of(pid));
    for (const auto& role : living)
      ++met_[role];
  }
  bool enough() const { return met("guard") >= least && met("core") >= least; }
  std::string told() const {
    return "met " + std::to_string(met("guard")) + " guards and " + std::to_string(met("core")) +
           " cores inside";
  }

 private:
  static constexpr int least = 5;

  int met(const std::string& role) const {
    const auto found = met_.find(role);
    return found == met_.end() ? 0 : found->second;
  }
  std::map<std::string, int> met_;
};

/// So many rounds of killing at least; at most as many as it takes to meet everybody.
bool goes_on(int round, int least, const moments& met) {
  return round < least || (!met.enough() && round < 20 * least);
}

// proves: S8, P2
TEST(storm, kills_inside_the_start_leave_a_home_that_starts) {
  chance draw;
  moments met;
  home place(tolerant);
  const auto id = place.give("while [ ! -e go ]; do sleep 0.02; done; echo done");
  place.kill_everything();
  const int start_ms = undisturbed_ms([&] { EXPECT_EQ(place.nine({"up"}).exit_code, 0); });
  for (int round = 0; goes_on(round, 25, met); ++round) {
    place.kill_everything();
    const auto starting = place.start({"up"});
    pause_ms(draw.below(2 * start_ms + 1));
    met.look(place, *starting);
    place.kill_everything();
  }
  EXPECT_TRUE(met.enough()) << met.told();
  write_file(place.mark("go"), "");
  const auto task = place.wait(id);
  EXPECT_EQ(text(task, "result"), "done") << "seed " << draw.seed();
  EXPECT_EQ(place.facts(id, "task_ended"), 1);
}

// proves: S16, P2
TEST(storm, kills_inside_the_shutdown_lose_nothing) {
  chance draw;
  moments met;
  home place(tolerant);
  const auto id = place.give("while [ ! -e go ]; do sleep 0.02; done; echo done");
  const auto begin = [&] {
    EXPECT_EQ(place.nine({"up"}).exit_code, 0);
    ASSERT_TRUE(eventually([&] { return !place.pids("agent").empty(); })) << "seed " << draw.seed();
  };
  begin();
  const int stop_ms = undisturbed_ms([&] { EXPECT_EQ(place.nine({"down"}).exit_code, 0); });
  for (int round = 0; goes_on(round, 15, met); ++round) {
    begin();
    const auto stopping = place.start({"down"});
    pause_ms(draw.below(2 * stop_ms + 1));
    met.look(place, *stopping);
    place.kill_everything();
  }
  EXPECT_TRUE(met.enough()) << met.told();
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  write_file(place.mark("go"), "");
  const auto task = place.wait(id);
  EXPECT_EQ(text(task, "result"), "done") << "seed " << draw.seed();
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1) << boost::json::serialize(task);
}

}  // namespace
}  // namespace nine::drill
