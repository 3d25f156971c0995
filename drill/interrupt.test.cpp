// Ctrl-C and SIGTERM: whatever a command waits for, who waits can leave.

#include <gtest/gtest.h>
#include <signal.h>

#include "drill/shell.hpp"

namespace nine::drill {
namespace {

TEST(interrupt, a_command_that_follows_or_waits_ends_by_a_signal) {
  home place;
  ASSERT_EQ(place.nine({"up"}).exit_code, 0);
  struct row {
    std::vector<std::string> words;
    std::string shown;  ///< by which it is known to follow
  };
  const row table[] = {{{"logs", "--follow"}, "core"}, {{"events", "--follow"}, ""}};
  for (const auto& [words, shown] : table) {
    for (const int number : {SIGINT, SIGTERM}) {
      const auto follower = place.start(words);
      ASSERT_TRUE(eventually([&] { return follower->out().contains(shown); }));
      follower->signal(number);
      EXPECT_TRUE(eventually([&] { return !belongs_to(follower->pid(), place.root()); }))
          << words.front() << " goes on after signal " << number;
    }
  }
}

/// A home whose guard and core are alive and do nothing.
struct stopped_home : home {
  int guard = 0;
  int core = 0;
  stopped_home() {
    EXPECT_EQ(nine({"up"}).exit_code, 0);
    guard = pid("guard");
    core = pid("core");
    EXPECT_GT(guard, 1);
    EXPECT_GT(core, 1);
    signal(SIGSTOP);
  }
  ~stopped_home() { signal(SIGCONT); }
  void signal(int number) const {
    if (guard > 1) send_signal(guard, number);
    if (core > 1) send_signal(core, number);
  }
};

TEST(interrupt, a_command_that_waits_for_a_stopped_home_ends_by_a_signal) {
  stopped_home place;
  const auto waiting = place.start({"status"});
  ASSERT_TRUE(eventually([&] { return waiting->err().contains("waiting for the core"); }));
  waiting->signal(SIGINT);
  EXPECT_TRUE(eventually([&] { return !belongs_to(waiting->pid(), place.root()); }));
}

// proves: P1
TEST(interrupt, a_run_whose_task_is_not_taken_yet_says_how_to_look_for_it) {
  stopped_home place;
  const auto client = place.start({"run", "do it", "--", "true"});
  ASSERT_TRUE(eventually([&] { return client->err().contains("is not taken yet"); }));
  client->signal(SIGINT);
  const auto left = client->wait();
  EXPECT_EQ(left.exit_code, 130);
  EXPECT_TRUE(left.err.contains("'nine task list'")) << left.err;
}

/// Whether a Ctrl-C that comes right before the core's answer detached from the task.
bool detaches_before_the_answer(stopped_home& place) {
  const auto client = place.start({"run", "do it", "--", "sleep", "600"});
  EXPECT_TRUE(eventually([&] { return client->err().contains("is not taken yet"); }));
  client->signal(SIGINT);
  place.signal(SIGCONT);
  const auto left = client->wait();
  place.signal(SIGSTOP);
  EXPECT_EQ(left.exit_code, 130);
  return left.err.contains("detached: t");
}

// proves: P1
TEST(interrupt, a_run_detaches_from_its_task_although_the_answer_comes_after_the_signal) {
  stopped_home place;
  constexpr int tries_most =
      10;  // the answer may come too late, or just in time not to be waited for
  bool detached = false;
  for (int tried = 0; tried < tries_most && !detached; ++tried)
    detached = detaches_before_the_answer(place);
  EXPECT_TRUE(detached);
}

TEST(interrupt, a_demo_stops_its_home_and_its_model) {
  home place;
  ASSERT_EQ(shell(place,
                  "git init -q . && git config user.email a@b.c && git config user.name a && "
                  "for i in 1 2 3; do echo $i >f; git add f; git commit -qm $i; done")
                .exit_code,
            0);
  const auto demo = start_shell(place, "exec nine demo --tasks 3 --kills 0");
  // The demo names its scratch directory when it begins.
  ASSERT_TRUE(eventually([&] { return demo->err().contains("/tmp/nine-demo-"); }));
  const auto told = demo->err();
  const auto begin = told.find("/tmp/nine-demo-");
  const auto scratch = told.substr(begin, std::string("/tmp/nine-demo-0123456789abcdef").size());
  ASSERT_TRUE(eventually([&] { return !processes_with(scratch).empty(); }));
  demo->signal(SIGINT);
  const auto ended = demo->wait();
  EXPECT_EQ(ended.exit_code, 130) << ended.err;
  EXPECT_TRUE(ended.err.contains("interrupted")) << ended.err;
  EXPECT_TRUE(eventually([&] { return processes_with(scratch).empty(); }));
  EXPECT_FALSE(exists(scratch));
}

}  // namespace
}  // namespace nine::drill
