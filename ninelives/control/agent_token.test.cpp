#include "ninelives/control/agent_token.hpp"

#include <gtest/gtest.h>

namespace nine::control {
namespace {

const agent_tokens tokens("0123456789abcdef");
const agent_identity somebody{task_id(7), attempt_number(2), epoch(5)};

TEST(agent_token, tells_who_it_was_made_for) {
  EXPECT_EQ(tokens.check(tokens.make(somebody)), somebody);
}

// proves: D3
TEST(agent_token, that_was_changed_or_made_elsewhere_is_refused) {
  const auto good = tokens.make(somebody);
  auto other_epoch = good;
  other_epoch[other_epoch.find("-5-") + 1] = '6';
  const auto other_home = agent_tokens("another key").make(somebody);
  for (const auto& token :
       {std::string(), std::string("nine-"), std::string("nine-7-2-5-"), other_epoch, other_home,
        good + "0", good.substr(0, good.size() - 1), std::string(10'000, 'a')}) {
    EXPECT_FALSE(tokens.check(token)) << token.substr(0, 80);
  }
}

}  // namespace
}  // namespace nine::control
