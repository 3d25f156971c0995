#include "ninelives/control/process_report.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace nine::control {
namespace {

using environment::liveness;

environment::process_identity process(int pid) {
  return {.pid = pid, .start_time = 7, .boot_id = "boot"};
}

// proves: S6
TEST(process_report, what_is_observed_beats_what_is_recorded) {
  const reported_process guard{.role = "guard", .process = process(12), .state = "running"};
  struct row {
    environment::process_facts seen;
    const char* state;
  };
  const row table[] = {
      {{.now = liveness::alive}, "running"},
      {{.now = liveness::unknown}, "running"},
      {{.now = liveness::gone}, "gone"},
      {{.now = liveness::alive, .stopped = true}, "stopped"},
  };
  for (const auto& [seen, state] : table)
    EXPECT_EQ(process_json(guard, seen).at("state"), state);
}

TEST(process_report, an_entry_says_who_since_when_and_how_long_ago_it_was_heard) {
  const reported_process core{
      .role = "core", .process = process(12), .state = "running", .heartbeat_age = 250ms};
  const environment::process_facts seen{.now = liveness::alive,
                                        .started = wall_time_from_milliseconds(1'800'000'000'000)};
  EXPECT_EQ(boost::json::serialize(process_json(core, seen)),
            R"({"role":"core","pid":12,"state":"running","since_ms":1800000000000,)"
            R"("heartbeat_age_ms":250})");
  const auto silent = process_json({.role = "shim", .process = process(3), .state = "connected"},
                                   {.now = liveness::alive});
  EXPECT_TRUE(silent.at("heartbeat_age_ms").is_null());
  EXPECT_TRUE(silent.at("since_ms").is_null());
}

TEST(process_report, a_child_without_a_process_is_none) {
  supervision::child_view child{.name = "t1.a1", .now = supervision::child_view::state::restarting};
  EXPECT_TRUE(processes_of(child).empty());
  child.shim = process(4);
  EXPECT_EQ(processes_of(child).size(), 1u);
  child.agent = process(5);
  EXPECT_EQ(processes_of(child).at(1).role, "agent");
}

TEST(heartbeat_observer, tells_when_the_loop_turned_last) {
  const monotonic_time begin{100s};
  heartbeat_observer observed;
  EXPECT_FALSE(observed.age(begin));
  observed.seen(process(1), 10, begin);
  EXPECT_FALSE(observed.age(begin));
  observed.seen(process(1), 12, begin + 1s);
  EXPECT_EQ(observed.age(begin + 1s), 0s);
  observed.seen(process(1), 12, begin + 5s);
  EXPECT_EQ(observed.age(begin + 5s), 4s);
  observed.seen(process(2), 99, begin + 6s);
  EXPECT_FALSE(observed.age(begin + 6s)) << "a new process was not heard yet";
}

}  // namespace
}  // namespace nine::control
