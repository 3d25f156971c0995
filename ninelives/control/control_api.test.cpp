#include "ninelives/control/control_api.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <ranges>
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

// --- answers are what api/openapi.yaml says, all of it and nothing else ---

using names = std::set<std::string>;

const YAML::Node& description() {
  static const auto file = YAML::LoadFile(std::string(NINE_SOURCE_DIRECTORY) + "/api/openapi.yaml");
  return file;
}

YAML::Node schema(const std::string& name) {
  const auto found = description()["components"]["schemas"][name];
  EXPECT_TRUE(found) << name;
  return found;
}

/// "Task" of {$ref: "#/components/schemas/Task"}; empty when there is no reference.
std::string referred_by(const YAML::Node& node) {
  const auto reference = node["$ref"].as<std::string>("");
  return reference.substr(reference.rfind('/') + 1);
}

/// The schemas that hold for the same value: itself, what it refers to, what it is made of.
std::vector<YAML::Node> parts_of(const YAML::Node& described) {
  std::vector<YAML::Node> parts{described};
  if (const auto name = referred_by(described); !name.empty()) {
    const auto more = parts_of(schema(name));
    parts.insert(parts.end(), more.begin(), more.end());
  }
  for (const auto& part : described["allOf"]) {
    const auto more = parts_of(part);
    parts.insert(parts.end(), more.begin(), more.end());
  }
  return parts;
}

/// Whether a value of this kind may stand where `described` is. No type: any.
bool fits(const YAML::Node& described, const boost::json::value& given) {
  if (const auto choices = described["enum"]) {
    for (const auto& choice : choices)
      if (given.is_string() && choice.as<std::string>() == given.get_string()) return true;
    return false;
  }
  const auto type = described["type"];
  if (!type) return true;
  const std::map<std::string, bool> kinds{
      {"string", given.is_string()}, {"integer", given.is_int64() || given.is_uint64()},
      {"boolean", given.is_bool()},  {"array", given.is_array()},
      {"object", given.is_object()}, {"null", given.is_null()}};
  if (type.IsScalar()) return kinds.at(type.as<std::string>());
  return std::ranges::any_of(
      type, [&](const auto& one) { return kinds.at(one.template as<std::string>()); });
}

void compare(const YAML::Node& described, const boost::json::value& given, const std::string& where,
             names& differences);

void compare_object(const std::vector<YAML::Node>& parts, const boost::json::object& given,
                    const std::string& where, names& differences) {
  names known;
  bool open = true;  // without properties anything may be in it
  for (const auto& part : parts) {
    for (const auto& name : part["required"]) {
      if (!given.contains(name.as<std::string>()))
        differences.insert(where + " lacks " + name.as<std::string>());
    }
    for (const auto& property : part["properties"]) {
      open = false;
      const auto name = property.first.as<std::string>();
      known.insert(name);
      if (const auto* value = given.if_contains(name))
        compare(property.second, *value, where + "." + name, differences);
    }
  }
  for (const auto& [name, value] : given) {
    if (!open && !known.contains(std::string(name)))
      differences.insert(where + " has " + std::string(name));
  }
}

void compare(const YAML::Node& described, const boost::json::value& given, const std::string& where,
             names& differences) {
  const auto parts = parts_of(described);
  for (const auto& part : parts) {
    if (!fits(part, given)) differences.insert(where + " is " + boost::json::serialize(given));
    const auto* list = given.if_array();
    const auto items = part["items"];
    const bool shows_objects = items && (items["properties"] || items["$ref"]);
    if (list && shows_objects && list->empty()) differences.insert(where + " shows nothing");
    for (const auto& item : list&& items ? *list : boost::json::array())
      compare(items, item, where + "[]", differences);
  }
  if (const auto* object = given.if_object()) compare_object(parts, *object, where, differences);
}

/// What this request answers, and what the description says of it.
names differences_of(const std::string& method, const std::string& path,
                     const boost::json::value& given) {
  names differences;
  const auto answers = description()["paths"][path][method]["responses"]["200"];
  const auto described = answers["content"]["application/json"]["schema"];
  EXPECT_TRUE(described) << method << " " << path;
  compare(described, given, path, differences);
  return differences;
}

TEST_F(control_api_test, answers_what_its_description_says_and_nothing_else) {
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

TEST_F(control_api_test, answers_a_wish_to_stop_as_described) {
  const auto stopped = post("/v1/down", "").body;
  EXPECT_EQ(differences_of("post", "/v1/down", stopped), names());
  EXPECT_EQ(stopped_because_, "stopped by the user");
}

TEST_F(control_api_test, an_answer_that_is_not_as_described_would_be_seen) {
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

TEST_F(control_api_test, each_request_takes_the_fields_of_its_description_and_no_other) {
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
