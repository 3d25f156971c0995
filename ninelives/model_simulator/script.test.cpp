#include "ninelives/model_simulator/script.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <set>

#include "ninelives/model_simulator/commit_message.hpp"

namespace nine::model_simulator {
namespace {

question ask(std::string prompt, std::uint64_t hash = 1) {
  question asked;
  asked.prompt = std::move(prompt);
  asked.hash = hash;
  return asked;
}

script script_of(std::string_view text) {
  auto read = parse_script(text);
  EXPECT_TRUE(read) << read.error().message;
  return read ? *read : script{};
}

TEST(script, every_fault_has_a_name_that_reads_back) {
  for (std::size_t kind = 0; kind < fault_count; ++kind) {
    EXPECT_EQ(parse_fault(to_string(static_cast<fault>(kind))), static_cast<fault>(kind));
  }
}

TEST(script, what_is_wrong_is_refused_with_the_reason) {
  for (const auto* text :
       {"", "[]", R"({"x":1})", R"({"probabilities":{"none":2}})", R"({"sequence":["nothing"]})",
        R"({"probabilities":{"hang":0.6,"overloaded":0.6}})", R"({"rules":[{}]})",
        R"({"rules":[{"prompt":"("}]})", R"({"rules":[{"prompt":"a","times":"x"}]})",
        R"({"retry_after_ms":-1})", R"({"answer":"poem"})", R"({"overlong_bytes":1e30})"}) {
    EXPECT_FALSE(parse_script(text)) << text;
  }
}

TEST(decider, rules_come_first_then_the_sequence_then_chance) {
  decider decides(script_of(R"({"rules":[{"prompt":"^fix","fault":"hang","times":1}],
                                "sequence":["rate_limited"],
                                "probabilities":{"overloaded":1}})"),
                  7);
  EXPECT_EQ(decides.decide(ask("fix it")).does, fault::hang);
  EXPECT_EQ(decides.decide(ask("fix it")).does, fault::rate_limited);
  EXPECT_EQ(decides.decide(ask("fix it")).does, fault::overloaded);
}

TEST(decider, the_same_seed_draws_the_same_in_any_order_of_requests) {
  const auto rules = script_of(R"({"probabilities":{"server_error":0.3,"cut_stream":0.3}})");
  decider forwards(rules, 42);
  decider backwards(rules, 42);
  std::map<std::uint64_t, fault> drawn;
  for (std::uint64_t hash = 0; hash < 300; ++hash)
    drawn[hash] = forwards.decide(ask("", hash)).does;
  for (std::uint64_t hash = 300; hash-- > 0;) {
    EXPECT_EQ(backwards.decide(ask("", hash)).does, drawn[hash]);
  }
  const auto share = std::ranges::count(drawn | std::views::values, fault::server_error);
  EXPECT_GT(share, 50);
  EXPECT_LT(share, 130);
}

TEST(decider, a_repeated_request_is_drawn_anew) {
  decider decides(script_of(R"({"probabilities":{"server_error":0.5}})"), 1);
  std::set<fault> seen;
  for (int i = 0; i < 50; ++i)
    seen.insert(decides.decide(ask("same")).does);
  EXPECT_EQ(seen, (std::set<fault>{fault::none, fault::server_error}));
}

TEST(decider, the_content_follows_mode_rule_and_fault) {
  decider fixed(script_of(R"({"answer":{"text":"hi"},"rules":[{"prompt":"x","answer":"ex"}],
                              "sequence":["none","empty_content","copied_input"]})"),
                1);
  EXPECT_EQ(fixed.decide(ask("a")).content, "hi");
  EXPECT_EQ(fixed.decide(ask("x")).content, "ex");
  EXPECT_EQ(fixed.decide(ask("a")).content, "");
  EXPECT_EQ(fixed.decide(ask("a")).content, "a");
  decider echo(script_of(R"({"answer":"echo"})"), 1);
  EXPECT_EQ(echo.decide(ask("a")).content, "a");
}

std::string subject_of(const std::string& message) {
  return message.substr(0, message.find('\n'));
}

TEST(commit_message, names_what_the_diff_does) {
  EXPECT_EQ(subject_of(commit_message_for("Write a message for this:\n"
                                          "diff --git a/src/a.cpp b/src/a.cpp\n"
                                          "new file mode 100644\n--- /dev/null\n+++ b/src/a.cpp\n"
                                          "@@ -0,0 +1,2 @@\n+one\n+two\n")),
            "Add a.cpp in src");
  EXPECT_EQ(subject_of(commit_message_for("diff --git a/x/a b/x/a\n-1\n-2\n-3\n-4\n"
                                          "diff --git a/x/y/b b/x/y/b\n+1\n")),
            "Trim a and b in x");
  EXPECT_EQ(subject_of(commit_message_for("diff --git a/a b/a\n+1\n-2\n")), "Revise a");
  EXPECT_EQ(commit_message_for("no diff at all"), "Update the working tree");
}

TEST(commit_message, keeps_to_the_length_whatever_the_names) {
  std::string diff;
  for (int i = 0; i < 100; ++i) {
    diff += "diff --git a/x b/" + std::string(300, 'n') + "\xC3\xBC" + std::to_string(i) + "\n+1\n";
  }
  const auto message = commit_message_for(diff);
  EXPECT_LE(subject_of(message).size(), subject_bytes_most);
  EXPECT_EQ(std::ranges::count(message, '\n'), 12);
}

}  // namespace
}  // namespace nine::model_simulator
