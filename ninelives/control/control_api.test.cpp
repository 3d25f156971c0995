#include "ninelives/control/control_api.hpp"

#include <gtest/gtest.h>

#include "ninelives/control/control_world.test.hpp"

namespace nine::control {
namespace {

class control_api_test : public testing::Test, protected home_on_a_machine {};

// A client whose connection broke asks again, and must not make a task each time.
// proves: P2
TEST_F(control_api_test, the_same_key_gives_the_same_task_however_it_was_made) {
  auto given = submission();
  given["key"] = "mine";
  const auto text = boost::json::serialize(given);
  const auto first = post("/v1/tasks", text);
  EXPECT_EQ(post("/v1/tasks", text).body.at("task"), first.body.at("task"));
  succeed("t1");
  const auto again = post("/v1/tasks/t1/retry", R"({"key":"again"})");
  ASSERT_EQ(again.status, 200u) << boost::json::serialize(again.body);
  EXPECT_EQ(post("/v1/tasks/t1/retry", R"({"key":"again"})").body, again.body);
  EXPECT_EQ(tasks(), 2u);
  EXPECT_NE(post("/v1/tasks/t1/retry", R"({"key":"other"})").body, again.body);
  EXPECT_NE(post("/v1/tasks/t1/retry", "").body, again.body);
}

}  // namespace
}  // namespace nine::control
