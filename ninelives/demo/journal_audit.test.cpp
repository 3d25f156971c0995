#include "ninelives/demo/journal_audit.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "ninelives/execution/facts.hpp"

namespace nine::demo {
namespace {

using namespace execution;  // the facts are the language of these tests

class history {
 public:
  history& add(const event& value) {
    const auto record = to_record(task_id(1), value);
    facts_.push_back({sequence(static_cast<std::int64_t>(facts_.size()) + 1),
                      task_id(1),
                      {},
                      {},
                      record.kind,
                      record.body});
    return *this;
  }
  history& accepted() {
    task_specification specification;
    specification.plan.ladder.push_back({.name = "one", .command = {.words = {"true"}}});
    return add(task_accepted{specification}).add(attempt_started{attempt_number(1), 0, "one", ""});
  }
  history& step_done(std::string key) {
    return add(step_intended{attempt_number(1), key, effect::pure, ""})
        .add(step_finished{attempt_number(1), key, true, {}, 0, 0});
  }
  std::vector<journal::fact>& facts() { return facts_; }

 private:
  std::vector<journal::fact> facts_;
};

TEST(journal_audit, finds_nothing_in_a_good_journal) {
  EXPECT_TRUE(
      audit(history().accepted().step_done("a").step_done("b").add(task_ended{}).facts()).empty());
}

TEST(journal_audit, finds_what_should_never_be) {
  auto gap = history().accepted().add(task_ended{}).facts();
  gap.back().number = sequence(9);
  const std::pair<std::string, std::vector<journal::fact>> table[] = {
      {"no result", history().accepted().facts()},
      {"two results", history().accepted().add(task_ended{}).add(task_ended{}).facts()},
      {"a step done twice", history()
                                .accepted()
                                .step_done("a")
                                .add(step_finished{attempt_number(1), "a", true, {}, 0, 0})
                                .add(task_ended{})
                                .facts()},
      {"a gap", gap},
  };
  for (const auto& [name, facts] : table)
    EXPECT_FALSE(audit(facts).empty()) << name;
}

TEST(journal_audit, finds_a_question_that_was_asked_after_its_answer_was_kept) {
  auto facts = history().accepted().step_done("read").step_done("model-call").facts();
  for (std::size_t index = 0; index < facts.size(); ++index)
    facts[index].at = wall_time_from_milliseconds(static_cast<std::int64_t>(index) * 10);
  const auto answered_ms = to_milliseconds(facts.back().at);
  const auto asked = [&](std::int64_t at_ms, std::string_view attempt) {
    const auto prompt = question_opening("t1", attempt) + "diff --git";
    const boost::json::object line{{"time_ms", at_ms}, {"prompt", prompt}};
    return audit_questions(facts, read_questions("127.0.0.1:1\n" + boost::json::serialize(line)));
  };
  EXPECT_TRUE(asked(answered_ms - 15, "1").empty()) << "after the diff was read";
  EXPECT_EQ(asked(answered_ms + 1, "1").size(), 1U);
  EXPECT_TRUE(asked(answered_ms + 1, "2").empty());
}

}  // namespace
}  // namespace nine::demo
