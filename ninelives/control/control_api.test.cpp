#include "ninelives/control/control_api.hpp"

#include <gtest/gtest.h>

#include "ninelives/control/control_world.test.hpp"
#include "ninelives/control/openapi_description.test.hpp"

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

// proves: X4
TEST_F(control_api_test, what_is_wrong_with_a_request_is_told_and_nothing_done) {
  give();
  const std::string too_long(5000, 'x');
  struct wrong {
    std::string method, target, body, told;
    unsigned status = 400;
  };
  const wrong table[] = {
      {"GET", "/v1/tasks?limit=many", "", "'limit' must be a whole number from 1 to 1000"},
      {"GET", "/v1/tasks?limit=0", "", "'limit'"},
      {"GET", "/v1/tasks?limit=10x", "", "'10x'"},
      {"GET", "/v1/tasks/t1?wait_ms=-1", "", "'wait_ms'"},
      {"GET", "/v1/tasks/t1?wait_ms=99999999999999999999", "", "'wait_ms'"},
      {"GET", "/v1/events?after=x", "", "'after'"},
      {"POST", "/v1/tasks/t1/cancel", "{", "no JSON"},
      {"POST", "/v1/tasks/t1/cancel", R"({"raeson":"x"})", "'reason'"},
      {"POST", "/v1/tasks/t1/cancel", R"({"reason":7})", "'reason' must be a text"},
      {"POST", "/v1/tasks/t1/cancel", R"({"reason":")" + too_long + "\"}", "4096", 413},
      {"POST", "/v1/tasks/t1/retry", R"({"kye":"x"})", "'key'"},
      {"POST", "/v1/down", "[]", "no JSON object"},
      {"POST", "/v1/down", R"({"reason":")" + too_long + "\"}", "4096", 413},
  };
  for (const auto& [method, target, body, told, status] : table) {
    const auto refused = ask(request(method, target, body));
    ASSERT_EQ(refused.status, status) << method << " " << target << " " << body;
    EXPECT_NE(refused.message().find(told), std::string::npos) << refused.message();
  }
  auto events = request("GET", "/v1/events", "");
  events.fields.set("last-event-id", "yesterday");
  EXPECT_NE(ask(std::move(events)).message().find("'Last-Event-ID'"), std::string::npos);
  EXPECT_EQ(get("/v1/tasks/t1").body.at("status").as_string(), "running");
  EXPECT_EQ(stopped_because_, "");
}

// proves: S4
TEST_F(control_api_test, tells_how_long_an_agent_still_waits_for_its_restart) {
  give();
  auto& shim = *machine_.shims.at("/home/shims/t1.a1");
  for (int crash = 0; crash < 2; ++crash) {
    shim.agent_exits(environment::exit_status::signalled(9));
    machine_.settle();
  }
  const auto tree = get("/v1/tree").body;
  const auto& agent = tree.at("tasks").at(0).at("children").at(0);
  EXPECT_EQ(agent.at("state").as_string(), "restarting");
  EXPECT_GT(agent.at("starts_in_ms").to_number<int>(), 0);
  EXPECT_EQ(differences_of("get", "/v1/tree", tree), names());
  const auto status = get("/v1/status").body;
  EXPECT_EQ(status.at("processes").as_array().back().at("agent_starts_in_ms"),
            agent.at("starts_in_ms"));
  EXPECT_EQ(differences_of("get", "/v1/status", status), names());
}

// proves: X4
TEST_F(control_api_test, lists_a_damaged_task_beside_the_others_and_none_with_its_result) {
  give();
  journal::record damaged{.task = task_id(9), .kind = "task_accepted", .body = "{}"};
  ASSERT_TRUE(machine_.finish(journal_.append(std::move(damaged))));
  const auto listed = get("/v1/tasks").body.at("tasks").as_array();
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed.at(1).at("status").as_string(), "damaged");
  for (const auto& task : listed) {
    EXPECT_FALSE(task.as_object().contains("result"));
  }
  EXPECT_EQ(differences_of("get", "/v1/tasks", get("/v1/tasks").body), names());
}

}  // namespace
}  // namespace nine::control
