#include "ninelives/orchestration/expiry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nine::orchestration {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const wall_time now = wall_time_from_milliseconds(1'800'000'000'000);

/// A task that ended so long ago; none: it has not ended.
struct shown {
  int task;
  std::optional<duration> age;
};

expiry_plan plan_of(expiry_policy policy, const std::vector<shown>& tasks) {
  expiry_plan plan(policy, now);
  for (const auto& [task, age] : tasks) {
    journal::task_summary summary{.task = task_id(task)};
    summary.ended = age.has_value();
    if (age) summary.ended_at = now - *age;
    plan.see(summary);
  }
  return plan;
}

// proves: D5
TEST(expiry, goes_by_age_and_by_count_and_touches_nothing_else) {
  struct row {
    const char* what;
    expiry_policy policy;
    std::vector<shown> tasks;
    std::vector<int> going;
    bool more_soon;
  };
  const expiry_policy day{.after = 24h, .count = 10};
  const expiry_policy two{.after = 24h, .count = 2};
  const row table[] = {
      {"nothing", day, {}, {}, false},
      {"young ones stay", day, {{1, 1h}, {2, 2h}}, {}, false},
      {"the age itself is too old", day, {{1, 24h}, {2, 24h - 1ns}, {3, 0s}}, {1}, false},
      {"longest ended first", day, {{1, 25h}, {2, 30h}, {3, 26h}, {4, 0s}}, {2, 3, 1}, false},
      {"beyond the count", two, {{1, 4h}, {2, 3h}, {3, 2h}, {4, 1h}}, {1, 2}, false},
      {"unfinished ones do not count", two, {{1, {}}, {2, {}}, {3, 2h}, {4, 1h}}, {}, false},
      {"unfinished ones never go", day, {{1, {}}, {2, 30h}, {3, {}}}, {2}, false},
      {"the newest task stays", day, {{1, 30h}, {2, 99h}}, {1}, false},
      {"the newest stays, ended first", two, {{1, 3h}, {2, 2h}, {3, 9h}}, {1}, false},
      {"just ended: somebody reads it", two, {{1, 3s}, {2, 2s}, {3, 1s}, {4, 0s}}, {}, true},
      {"an end in the future (the clock went back)", day, {{1, -48h}, {2, 0s}}, {}, false},
      {"so many at once",
       {.after = 1h, .count = 10, .at_once = 2},
       {{1, 9h}, {2, 8h}, {3, 7h}, {4, 6h}},
       {1, 2},
       true},
  };
  for (const auto& [what, policy, tasks, going, more_soon] : table) {
    const auto plan = plan_of(policy, tasks);
    std::vector<int> got;
    for (const auto task : plan.tasks())
      got.push_back(static_cast<int>(task.value()));
    EXPECT_EQ(got, going) << what;
    EXPECT_EQ(plan.more_soon(), more_soon) << what;
  }
}

TEST(expiry, does_not_depend_on_the_order_in_which_tasks_are_shown) {
  const expiry_policy policy{.after = 24h, .count = 3, .at_once = 4};
  std::vector<shown> tasks;
  for (int task = 1; task <= 12; ++task)
    tasks.push_back({task, (task * 7 % 13) * 1h});
  const auto expected = plan_of(policy, tasks).tasks();
  EXPECT_EQ(expected.size(), 4u);
  for (std::size_t turn = 0; turn < tasks.size(); ++turn) {
    std::ranges::rotate(tasks, tasks.begin() + 5);
    EXPECT_EQ(plan_of(policy, tasks).tasks(), expected);
  }
}

}  // namespace
}  // namespace nine::orchestration
