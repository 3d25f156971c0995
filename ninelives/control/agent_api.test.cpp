#include "ninelives/control/agent_api.hpp"

#include <gtest/gtest.h>

#include "ninelives/control/control_world.test.hpp"

namespace nine::control {
namespace {

/// A home in which an agent is at work.
class agent_api_test : public testing::Test, protected home_on_a_machine {
 protected:
  agent_api_test() { give(); }

  http::request begin(const boost::json::object& step) {
    auto asked = request("POST", "/v1/steps/begin", boost::json::serialize(step));
    const auto token = tokens_.make({task_id(1), attempt_number(1), epoch(1)});
    asked.fields.set("authorization", "Bearer " + token);
    return asked;
  }
};

TEST_F(agent_api_test, believes_nobody_without_a_token_and_needs_no_body_for_that) {
  auto step = begin({{"key", "k"}});
  EXPECT_FALSE(agents_.refusal(step));
  step.fields = {};
  EXPECT_EQ(agents_.refusal(step)->status, 403u);
  EXPECT_EQ(ask(step).status, 403u);
}

// proves: X4
TEST_F(agent_api_test, takes_a_digest_and_not_the_input) {
  const auto ok = begin({{"key", "k"}, {"input_digest", std::string(128, 'd')}});
  EXPECT_EQ(ask(ok).body.at("verdict").as_string(), "run");
  const auto refused = ask(begin({{"key", "m"}, {"input_digest", std::string(129, 'd')}}));
  EXPECT_EQ(refused.status, 400u);
  EXPECT_NE(refused.message().find("128 bytes"), std::string::npos) << refused.message();
}

// proves: R1, X4
TEST_F(agent_api_test, answers_a_bounded_number_of_questions_of_one_task_at_once) {
  std::vector<std::shared_ptr<std::optional<answer>>> waiting;
  for (int step = 0; step < 70; ++step)
    waiting.push_back(machine_.begin(call(router_, begin({{"key", "k" + std::to_string(step)}}))));
  machine_.settle();
  int refused = 0;
  for (const auto& one : waiting) {
    ASSERT_TRUE(*one);
    if ((*one)->status != 200) ++refused;
  }
  EXPECT_EQ(refused, 70 - 64);
  EXPECT_EQ(waiting.back()->value().status, 503u);
  EXPECT_EQ(ask(begin({{"key", "later"}})).status, 200u) << "the others have their answers";
}

}  // namespace
}  // namespace nine::control
