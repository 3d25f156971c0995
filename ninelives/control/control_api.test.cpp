#include "ninelives/control/control_api.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>

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

// --- what api/openapi.yaml calls required is there ---

using names = std::set<std::string>;

YAML::Node schema(const std::string& name) {
  const auto file = YAML::LoadFile(std::string(NINE_SOURCE_DIRECTORY) + "/api/openapi.yaml");
  return file["components"]["schemas"][name];
}

/// Every required field that is missing, with its path; fields that are there are looked into.
void compare(const YAML::Node& described, const boost::json::value& given, const std::string& where,
             names& missing) {
  if (const auto other = described["$ref"]) {
    const auto reference = other.as<std::string>();
    return compare(schema(reference.substr(reference.rfind('/') + 1)), given, where, missing);
  }
  for (const auto& part : described["allOf"])
    compare(part, given, where, missing);
  if (const auto* list = given.if_array()) {
    EXPECT_FALSE(list->empty()) << where << " shows nothing";
    for (const auto& item : *list)
      compare(described["items"], item, where + "[]", missing);
  }
  const auto* object = given.if_object();
  if (!object) return;
  for (const auto& name : described["required"]) {
    if (!object->contains(name.as<std::string>()))
      missing.insert(where + "." + name.as<std::string>());
  }
  for (const auto& property : described["properties"]) {
    const auto name = property.first.as<std::string>();
    const auto* value = object->if_contains(name);
    const auto items = property.second["items"];
    const bool shows_objects =
        property.second["properties"] || (items && (items["properties"] || items["$ref"]));
    if (value && shows_objects) compare(property.second, *value, where + "." + name, missing);
  }
}

names missing_in(const boost::json::value& given, const std::string& name) {
  names missing;
  compare(schema(name), given, name, missing);
  return missing;
}

TEST_F(control_api_test, gives_all_that_its_description_calls_required) {
  give();
  EXPECT_EQ(missing_in(get("/v1/tasks/t1").body, "Task"), names());
  EXPECT_EQ(missing_in(get("/v1/tasks/t1/explain").body, "Task"), names());
  EXPECT_EQ(missing_in(get("/v1/tasks/t1/logs").body, "Logs"), names());
  EXPECT_EQ(missing_in(get("/v1/tree").body, "Tree"), names());
  EXPECT_EQ(missing_in(get("/v1/status").body, "Status"), names());
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
    EXPECT_EQ(missing_in(task, "ListedTask"), names());
    EXPECT_FALSE(task.as_object().contains("result"));
  }
}

TEST_F(control_api_test, a_submission_may_have_every_field_of_its_description) {
  for (const auto& property : schema("Submission")["properties"]) {
    auto given = submission();
    given.emplace(property.first.as<std::string>(), 7);
    const auto refused = post("/v1/tasks", boost::json::serialize(given));
    if (refused.status == 200) continue;
    EXPECT_EQ(refused.message().find("unknown field"), std::string::npos) << refused.message();
  }
}

}  // namespace
}  // namespace nine::control
