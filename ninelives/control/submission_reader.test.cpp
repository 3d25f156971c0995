#include "ninelives/control/submission_reader.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>

#include "ninelives/control/built_in_configuration.hpp"
#include "ninelives/environment/real/real_files.hpp"

namespace nine::control {
namespace {

class submission_reader_test : public ::testing::Test {
 protected:
  submission_reader_test() {
    std::string pattern = "/tmp/nine-submission-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(root_ / "project" / "deep");
  }
  ~submission_reader_test() override { std::filesystem::remove_all(root_); }

  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(files_.write_durably(root_ / name, text));
  }
  boost::json::object body(std::string text) const {
    return {{"text", text},
            {"directory", (root_ / "project" / "deep").string()},
            {"environment", {{"PATH", "/bin"}}}};
  }
  result<orchestration::submission> read(const boost::json::object& body) const {
    return reader_.read(boost::json::serialize(body));
  }

  std::filesystem::path root_;
  environment::real_files files_;
  submission_reader reader_{files_, built_in_configuration("/share"), root_ / "nine.yaml"};
};

TEST_F(submission_reader_test, a_text_that_names_a_task_type_is_that_type) {
  const auto given = read(body("commit-message"));
  ASSERT_TRUE(given) << given.error().message;
  const auto& plan = given->specification.plan;
  EXPECT_EQ(plan.type, "commit-message");
  ASSERT_EQ(plan.ladder.size(), 2u);
  EXPECT_EQ(plan.ladder[1].name, "heuristic-commit-message");
  EXPECT_EQ(plan.ladder[1].command.words.front(), "/share/heuristic-commit-message");
  EXPECT_FALSE(plan.input.command.empty());
  EXPECT_EQ(plan.models.at("default").base_url, "");
}

TEST_F(submission_reader_test, the_callers_environment_says_where_the_model_is) {
  auto with_model = body("commit-message");
  with_model["environment"] = {
      {"OPENAI_BASE_URL", "http://here/v1"}, {"OPENAI_API_KEY", "sk-x"}, {"SECRET", "no"}};
  const auto given = read(with_model);
  ASSERT_TRUE(given);
  EXPECT_EQ(given->specification.plan.models.at("default").base_url, "http://here/v1");
  EXPECT_TRUE(given->caller.contains("OPENAI_API_KEY"));
  EXPECT_FALSE(given->caller.contains("SECRET"));
}

TEST_F(submission_reader_test, a_command_is_the_agent) {
  auto with_command = body("do it");
  with_command["command"] = boost::json::array{"tool", "{prompt}"};
  with_command["gates"] = boost::json::array{"make test"};
  with_command["retries"] = 1;
  with_command["timeout_ms"] = 5000;
  const auto given = read(with_command);
  ASSERT_TRUE(given) << given.error().message;
  const auto& plan = given->specification.plan;
  EXPECT_EQ(plan.ladder.at(0).name, "tool");
  EXPECT_TRUE(plan.gates.at(0).shell);
  EXPECT_EQ(plan.retries, 1u);
  EXPECT_EQ(plan.timeout, duration(5s));
}

TEST_F(submission_reader_test, the_task_says_how_a_program_gets_its_prompt_and_leaves_its_result) {
  auto given = body("do it");
  given["command"] = boost::json::array{"tool"};
  given["prompt"] = "file";
  given["result_file"] = "out/answer.md";
  given["attempt_timeout_ms"] = 1500;
  const auto made = read(given);
  ASSERT_TRUE(made) << made.error().message;
  const auto& agent = made->specification.plan.ladder.at(0);
  EXPECT_EQ(agent.prompt, configuration::prompt_channel::file);
  EXPECT_EQ(agent.result.path, "out/answer.md");
  EXPECT_EQ(agent.timeout, duration(1500ms));
  given["result"] = "exit_code";
  EXPECT_FALSE(read(given)) << "both a file and the exit code";
}

// proves: X4
TEST_F(submission_reader_test, nothing_is_taken_that_could_not_be_read_back) {
  const auto with = [&](const char* name, auto value) {
    auto changed = body("do it");
    changed["command"] = boost::json::array{"tool"};
    changed[name] = boost::json::value_from(value);
    return read(changed);
  };
  EXPECT_FALSE(with("timeout_ms", 300));
  EXPECT_FALSE(with("attempt_timeout_ms", 5));
  EXPECT_FALSE(with("gates", std::vector<std::string>{""}));
  EXPECT_FALSE(with("pass", std::vector<std::string>{"NO NAME"}));
  EXPECT_FALSE(with("command", std::vector<std::string>{"tool", "{promt}"}));
  const auto odd = with("command", std::vector<std::string>{"./my tool+1"});
  ASSERT_TRUE(odd) << odd.error().message;
  EXPECT_EQ(odd->specification.plan.ladder.at(0).name, "my_tool_1");
  const auto short_timeout = with("timeout_ms", 300);
  EXPECT_NE(short_timeout.error().message.find("1s to 365d"), std::string::npos);
}

TEST_F(submission_reader_test, a_long_text_becomes_the_input_and_two_long_ones_are_refused) {
  auto given = body(std::string(MiB, 'x'));
  given["command"] = boost::json::array{"tool"};
  const auto made = read(given);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->specification.text, "");
  EXPECT_EQ(made->input.size(), MiB);
  given["input"] = "more";
  EXPECT_EQ(read(given).error().code, error_code::too_large);
}

TEST_F(submission_reader_test, a_single_word_that_is_no_task_type_is_refused_with_the_nearest) {
  const auto given = read(body("comit-message"));
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().code, error_code::not_found);
  EXPECT_NE(given.error().message.find("'commit-message'"), std::string::npos);
}

// proves: X4
TEST_F(submission_reader_test, what_makes_no_sense_is_refused_with_a_reason) {
  const auto with = [&](const char* name, auto value) {
    auto changed = body("do it");
    changed[name] = boost::json::value_from(value);
    return read(changed);
  };
  EXPECT_FALSE(reader_.read("no json"));
  EXPECT_FALSE(reader_.read("[]"));
  EXPECT_FALSE(with("text", ""));
  EXPECT_FALSE(with("text", std::string(17 * MiB, 'x')));
  EXPECT_FALSE(with("directory", "relative/path"));
  EXPECT_FALSE(with("retries", "many"));
  EXPECT_FALSE(with("timeout_ms", -1));
  EXPECT_FALSE(with("command", boost::json::array()));
  EXPECT_FALSE(with("gates", 7));
  EXPECT_FALSE(with("prompt", "telepathy"));
  EXPECT_FALSE(with("result", "luck"));
  EXPECT_FALSE(with("result_file", "../elsewhere"));
  const auto unknown = with("agnet", "codex");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("agent"), std::string::npos) << unknown.error().message;
}

TEST_F(submission_reader_test, a_wrong_project_file_is_told_with_its_place) {
  write("project/nine.yaml", "agents:\n  mine:\n    comand: [x]\n");
  const auto given = read(body("do it"));
  ASSERT_FALSE(given);
  EXPECT_NE(given.error().message.find("nine.yaml:3:5"), std::string::npos)
      << given.error().message;
}

TEST_F(submission_reader_test, an_agent_of_the_project_is_found_from_below) {
  write("project/nine.yaml", "agents:\n  mine:\n    command: [x]\n");
  auto by_name = body("do it");
  by_name["agent"] = "mine";
  const auto given = read(by_name);
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_EQ(given->specification.plan.ladder.at(0).name, "mine");
  by_name["agent"] = "min";
  EXPECT_FALSE(read(by_name));
}

}  // namespace
}  // namespace nine::control
