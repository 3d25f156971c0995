// The main job, with a model and without one: `nine run commit-message` in a git repository.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "drill/home.hpp"

namespace nine::drill {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A git repository with a staged change in the workspace of a home.
class repository {
 public:
  home place;

  repository() {
    const auto made = shell(
        "git init -q . && echo one > a && git add a && "
        "git -c user.name=n -c user.email=n@example.org commit -qm first && "
        "echo two >> a && git add a");
    EXPECT_EQ(made.exit_code, 0) << made.err;
  }

  outcome shell(const std::string& script) {
    running_program program({"/bin/sh", "-c", script},
                            {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", place.root()}},
                            place.workspace(), place.root() + "/shell");
    return program.wait();
  }

  /// `nine run commit-message`, the answer as JSON.
  boost::json::object message() { return place.json({"run", "commit-message"}); }
};

/// The same with a simulated model behind OPENAI_BASE_URL.
class scene : public repository {
 public:
  explicit scene(const boost::json::object& script) {
    const auto rules = place.root() + "/script.json";
    const auto address = place.root() + "/address";
    write_file(rules, boost::json::serialize(script));
    model_ = place.start({"sim-model", "--script", rules, "--address-file", address, "--log"});
    EXPECT_TRUE(eventually([&] { return read_file(address).ends_with('\n'); })) << model_->err();
    const auto bound = read_file(address);
    place.set("OPENAI_BASE_URL", "http://" + bound.substr(0, bound.find('\n')) + "/v1");
    place.set("OPENAI_API_KEY", "hunter2-0123456789-hunter2");
  }

  /// How often the model was asked.
  std::ptrdiff_t questions() const {
    const auto log = model_->out();
    return std::ranges::count(log, '\n') - 1;  // the first line is its address
  }

 private:
  std::unique_ptr<running_program> model_;
};

int number(const boost::json::object& answer, const char* name) {
  return answer.at(name).to_number<int>();
}

// proves: R2
TEST(model, a_rate_limit_and_an_outage_are_waited_for_within_one_attempt) {
  scene stage({{"sequence", {"rate_limited", "unavailable", "none"}},
               {"retry_after_ms", 50},
               {"answer", {{"text", "Say two after one"}}}});
  const auto ran = stage.place.nine({"run", "commit-message"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "Say two after one\n");
  const auto task = stage.place.task("t1");
  EXPECT_EQ(text(task, "status"), "succeeded");
  EXPECT_EQ(number(task, "attempts"), 1);
  EXPECT_EQ(stage.questions(), 3);
}

/// A model whose first answer is this one, and which gives a good one once it is told `finding`.
boost::json::object model_that_learns(const std::string& first, const std::string& finding) {
  boost::json::array rules;
  rules.push_back({{"prompt", finding}, {"answer", "Say two after one"}});
  rules.push_back({{"prompt", "."}, {"answer", first}, {"times", 1}});
  return {{"rules", rules}, {"answer", {{"text", "Nobody told what was wrong"}}}};
}

// proves: Q1, Q3
TEST(model, an_answer_that_is_not_good_enough_is_asked_for_again_with_the_findings) {
  const auto diff = repository().shell("git diff --cached").out;
  ASSERT_THAT(diff, HasSubstr("+two"));
  const std::pair<std::string, std::string> table[] = {
      {"", "the result is empty"},
      {std::string(100, 'x'), "the first line has 100 characters; at most 72 are allowed"},
      {diff, "100 % of the result is copied from the input"},
  };
  for (const auto& [answer, finding] : table) {
    scene stage(model_that_learns(answer, finding));
    const auto task = stage.message();
    EXPECT_EQ(text(task, "status"), "succeeded") << finding;
    EXPECT_EQ(text(task, "result"), "Say two after one");
    EXPECT_EQ(number(task, "attempts"), 2) << finding;
  }
}

// proves: L4
TEST(model, a_model_that_never_answers_well_is_replaced_by_the_heuristic) {
  scene stage({{"answer", {{"text", ""}}}});
  const auto ran = stage.place.nine({"run", "commit-message"});
  EXPECT_EQ(ran.exit_code, 3) << ran.err;
  EXPECT_THAT(ran.out, Not(IsEmpty()));
  const auto task = stage.place.task("t1");
  EXPECT_EQ(text(task, "status"), "degraded");
  EXPECT_EQ(task.at("missing"), boost::json::array({"model"}));
  EXPECT_EQ(stage.questions(), 4) << "one attempt and three with findings";
}

// proves: L4
TEST(model, without_any_model_there_is_a_result_and_one_line_that_says_what_is_missing) {
  repository stage;
  const auto ran = stage.place.nine({"run", "commit-message"});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.out, Not(IsEmpty()));
  EXPECT_EQ(std::ranges::count(ran.err, '\n'), 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("degraded (without: model)"));
  const auto task = stage.message();
  EXPECT_EQ(text(task, "status"), "degraded");
  EXPECT_EQ(task.at("missing"), boost::json::array({"model"}));
}

// proves: X3
TEST(model, a_key_that_the_provider_repeats_stands_in_no_file_of_the_home) {
  scene stage({{"probabilities", {{"unauthorized", 1}}}});
  const auto ran = stage.place.nine({"run", "commit-message"});
  EXPECT_EQ(ran.exit_code, 3) << ran.err;
  const auto told = stage.place.nine({"task", "show", "t1"});
  EXPECT_THAT(told.out, HasSubstr("Incorrect API key provided: [redacted]"));
  EXPECT_THAT(ran.err + told.out, Not(HasSubstr("hunter2")));
  const auto found = stage.shell("grep -rl hunter2 '" + stage.place.root() + "'");
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
}

}  // namespace
}  // namespace nine::drill
