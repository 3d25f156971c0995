// Steps that an agent journals with the shipped core: what is on record is not done again, whoever
// died in between, and only the living incarnation is believed.

#include <gtest/gtest.h>
#include <signal.h>

#include "drill/agent_access.hpp"
#include "drill/home.hpp"

namespace nine::drill {
namespace {

/// Lives, tells how to reach the agent API, and leaves the rest to the test.
constexpr const char* puppet =
    "echo \"$NINE_SOCKET $NINE_TOKEN\" > told; mv told life$NINE_EPOCH; "
    "while [ ! -e go ]; do sleep 0.05; done; echo done";

access access_of_life(home& place, int life) {
  const auto file = place.mark("life" + std::to_string(life));
  EXPECT_TRUE(eventually([&] { return exists(file); }));
  return read_access(file);
}

// proves: D1, D3
TEST(steps, on_record_are_answered_after_the_death_of_the_agent_and_of_the_core) {
  home place;
  const auto id = place.give(puppet);
  const auto first = access_of_life(place, 1);
  EXPECT_EQ(verdict(begin(first, "pay")), "run");
  call(first, "/v1/steps/finish", {{"key", "pay"}, {"result", "paid"}});

  send_signal(place.pid("agent"), SIGKILL);
  const auto second = access_of_life(place, 2);
  const auto again = begin(second, "pay");
  EXPECT_EQ(verdict(again), "finished");
  EXPECT_EQ(text(again, "result"), "paid");
  EXPECT_EQ(verdict(begin(first, "other")), "refused") << "a life that is over is not believed";

  send_signal(place.pid("core"), SIGKILL);
  // The dying core may still take the first call and never answer it.
  EXPECT_TRUE(eventually([&] { return verdict(begin(second, "pay")) == "finished"; }));
  write_file(place.mark("go"), "");
  const auto task = place.wait(id);
  EXPECT_EQ(text(task, "result"), "done");
  EXPECT_GE(task.at("replayed_steps").to_number<int>(), 1);
  EXPECT_EQ(task.at("attempts").to_number<int>(), 1);
}

// proves: D2, P3
TEST(steps, that_were_begun_once_and_never_finished_are_uncertain_for_the_next_life) {
  home place;
  const auto id = place.give(puppet);
  EXPECT_EQ(verdict(begin(access_of_life(place, 1), "pay")), "run");
  send_signal(place.pid("agent"), SIGKILL);
  EXPECT_EQ(verdict(begin(access_of_life(place, 2), "pay")), "uncertain");
  write_file(place.mark("go"), "");
  EXPECT_EQ(text(place.wait(id), "result"), "done");
}

}  // namespace
}  // namespace nine::drill
