// The program serves exactly what api/openapi.yaml says.

#include <gtest/gtest.h>

#include <ranges>

#include "ninelives/control/control_world.test.hpp"
#include "ninelives/control/openapi_description.test.hpp"
#include "ninelives/control/routes.hpp"

namespace nine::control {
namespace {

names described(const std::string& tag) {
  names routes;
  for (const auto& path : description()["paths"]) {
    for (const auto& [method, name] : {std::pair{"get", "GET"}, std::pair{"post", "POST"}}) {
      const auto operation = path.second[method];
      if (operation && operation["tags"][0].as<std::string>() == tag) {
        routes.insert(std::string(name) + " " + path.first.as<std::string>());
      }
    }
  }
  return routes;
}

template <std::size_t N>
names served(const std::array<route_name, N>& routes) {
  names found;
  for (const auto& route : routes)
    found.insert(std::string(route.method) + " " + std::string(route.path));
  return found;
}

TEST(openapi, describes_the_control_api) {
  EXPECT_EQ(described("control"), served(control_routes));
}

TEST(openapi, describes_the_agent_api) {
  EXPECT_EQ(described("agent"), served(agent_routes));
}

class openapi_test : public testing::Test, protected home_on_a_machine {};

TEST_F(openapi_test, says_what_is_answered_and_nothing_else) {
  give();
  succeed("t1");
  const auto again = post("/v1/tasks/t1/retry", "");
  EXPECT_EQ(differences_of("post", "/v1/tasks/{id}/retry", again.body), names());
  EXPECT_EQ(differences_of("get", "/v1/tasks", get("/v1/tasks").body), names());
  for (const std::string task : {"t1", "t2"}) {
    const auto at = "/v1/tasks/" + task;
    EXPECT_EQ(differences_of("get", "/v1/tasks/{id}", get(at).body), names());
    EXPECT_EQ(differences_of("get", "/v1/tasks/{id}/explain", get(at + "/explain").body), names());
    EXPECT_EQ(differences_of("get", "/v1/tasks/{id}/logs", get(at + "/logs").body), names());
  }
  const auto tree = get("/v1/tree").body;
  EXPECT_EQ(tree.at("tasks").as_array().size(), 1u);
  EXPECT_EQ(differences_of("get", "/v1/tree", tree), names());
  EXPECT_EQ(differences_of("get", "/v1/status", get("/v1/status").body), names());
  const auto given = post("/v1/tasks", boost::json::serialize(submission()));
  EXPECT_EQ(differences_of("post", "/v1/tasks", given.body), names());
  EXPECT_EQ(differences_of("post", "/v1/tasks/{id}/cancel", post("/v1/tasks/t3/cancel", "").body),
            names());
  const auto wrong = get("/v1/tasks/t9").body;
  names differences;
  compare(schema("Problem"), wrong, "Problem", differences);
  EXPECT_EQ(differences, names());
}

TEST_F(openapi_test, says_what_a_wish_to_stop_is_answered) {
  const auto stopped = post("/v1/down", "").body;
  EXPECT_EQ(differences_of("post", "/v1/down", stopped), names());
  EXPECT_EQ(stopped_because_, "stopped by the user");
}

TEST_F(openapi_test, an_answer_that_is_not_as_described_would_be_seen) {
  give();
  auto given = get("/v1/tasks/t1").body;
  given.erase("missing");
  given["attempts"] = "many";
  given["status"] = "happy";
  given["extra"] = 1;
  given.at("cost").as_object()["euro"] = 1;
  EXPECT_EQ(differences_of("get", "/v1/tasks/{id}", given),
            (names{"/v1/tasks/{id} lacks missing", "/v1/tasks/{id} has extra",
                   "/v1/tasks/{id}.attempts is \"many\"", "/v1/tasks/{id}.status is \"happy\"",
                   "/v1/tasks/{id}.cost has euro"}));
}

/// The fields that this request takes, as the refusal of an unknown one lists them.
names taken_by(const std::string& refusal) {
  names fields;
  const std::string before = "known are: ";
  const auto begin = refusal.find(before);
  EXPECT_NE(begin, std::string::npos) << refusal;
  if (begin == std::string::npos) return fields;
  for (const auto name :
       std::views::split(refusal.substr(begin + before.size()), std::string_view(", ")))
    fields.emplace(std::string_view(name));
  return fields;
}

names described_for(const std::string& path) {
  auto body = description()["paths"][path]["post"]["requestBody"];
  if (const auto name = referred_by(body); !name.empty())
    body.reset(description()["components"]["requestBodies"][name]);
  names fields;
  for (const auto& part : parts_of(body["content"]["application/json"]["schema"]))
    for (const auto& property : part["properties"])
      fields.insert(property.first.as<std::string>());
  return fields;
}

TEST_F(openapi_test, names_the_fields_each_request_takes_and_no_other) {
  give();
  succeed("t1");
  auto given = submission();
  given["#"] = 1;
  const std::pair<std::string, std::string> requests[] = {
      {"/v1/tasks", boost::json::serialize(given)}, {"/v1/tasks/{id}/cancel", R"({"#":1})"},
      {"/v1/tasks/{id}/retry", R"({"#":1})"},       {"/v1/down", R"({"#":1})"},
      {"/v1/steps/begin", R"({"key":"k","#":1})"},  {"/v1/steps/finish", R"({"key":"k","#":1})"},
  };
  for (const auto& [path, body] : requests) {
    auto target = path;
    if (const auto id = target.find("{id}"); id != std::string::npos) target.replace(id, 4, "t1");
    auto asked = request("POST", target, body);
    const auto token = tokens_.make({task_id(1), attempt_number(1), epoch(1)});
    asked.fields.set("authorization", "Bearer " + token);
    const auto refused = ask(std::move(asked));
    EXPECT_EQ(refused.status, 400u) << path;
    EXPECT_EQ(taken_by(refused.message()), described_for(path)) << path;
  }
}

}  // namespace
}  // namespace nine::control
