#include "ninelives/model_agent/model_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "ninelives/environment/fake/manual_clock.hpp"
#include "ninelives/environment/fake/memory_network.hpp"
#include "ninelives/http/server.hpp"
#include "ninelives/model_simulator/model_simulator.hpp"
#include "ninelives/telemetry/memory_log_sink.hpp"

namespace nine::model_agent {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
using ::testing::Not;

struct even_random final : environment::random {
  std::uint64_t next() override { return std::uint64_t{1} << 63; }
};

/// The agent between a core that says `begun` to its step and a model that follows a script, in
/// memory.
class model_agent_test : public ::testing::Test {
 protected:
  agent_answer answer(const std::string& script) {
    auto core = *network_.listen(core_);
    auto model = *network_.listen(where_.server);
    auto rules = model_simulator::parse_script(script);
    EXPECT_TRUE(rules) << script;
    http::server steps(clock_, [this](http::request asked) { return keep(std::move(asked)); });
    asio::co_spawn(context_, steps.serve(*core), asio::detached);
    asio::co_spawn(context_,
                   model_simulator::run_model_simulator(clock_, *model, *std::move(rules), 1,
                                                        [this](std::string_view) { ++asked_; }),
                   asio::detached);
    std::optional<agent_answer> given;
    begun_at_ = clock_.now();
    asio::co_spawn(context_, work(),
                   [&](std::exception_ptr, agent_answer got) { given = std::move(got); });
    turn();
    for (int step = 0; step < 10'000 && !given; ++step) {
      clock_.advance(100ms);
      turn();
    }
    took_ = clock_.now() - begun_at_;
    core->close();
    model->close();
    turn();
    return given.value_or(agent_answer{.reason = "it never ended"});
  }

  /// How often it was going to ask once more.
  std::size_t repetitions() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        log_.lines(), [](const std::string& line) { return line.contains("model_asked_again"); }));
  }

  resilience::retry_policy policy_ = resilience::slow_retry();
  std::string begun_ = R"({"verdict":"run"})";
  std::size_t asked_ = 0;
  duration took_{};
  std::vector<std::string> finished_;
  environment::manual_clock clock_;

 private:
  void turn() {
    context_.restart();
    context_.poll();
  }

  asio::awaitable<http::response> keep(http::request asked) {
    if (asked.target_text == "/v1/steps/finish") finished_.push_back(asked.body);
    co_return http::json_response(200, begun_);
  }

  asio::awaitable<agent_answer> work() {
    http::client http(network_, clock_);
    step_client steps(http, clock_, "/core", "token");
    model_client::client_settings settings{.where = where_, .api_key = "hunter2-hunter2"};
    settings.limits.answer = 30s;
    settings.limits.idle = 30s;
    model_client::model_client model(network_, clock_, std::move(settings));
    model_client::chat_request request{.model = "sim", .messages = {{"user", "say it"}}};
    const model_agent_seams seams{clock_, random_, telemetry::logger(log_, clock_, {})};
    co_return co_await answer_prompt(seams, steps, model, std::move(request), policy_);
  }

  const environment::endpoint core_ = environment::unix_endpoint{"/core"};
  const model_client::base_url where_ = *model_client::parse_base_url("http://model:1/v1");
  asio::io_context context_;
  environment::memory_network network_;
  even_random random_;
  telemetry::memory_log_sink log_;
  monotonic_time begun_at_{};
};

TEST_F(model_agent_test, tells_what_the_model_said_and_the_core_that_the_step_is_finished) {
  const auto given = answer(R"({"answer":{"text":"what it said"}})");
  EXPECT_EQ(given.exit_code, exit_delivered) << given.reason;
  EXPECT_EQ(given.text, "what it said");
  ASSERT_EQ(finished_.size(), 1U);
  EXPECT_THAT(finished_.front(), HasSubstr("what it said"));
}

// proves: D1
TEST_F(model_agent_test, a_step_that_an_earlier_life_finished_is_not_asked_again) {
  begun_ = R"({"verdict":"finished","succeeded":true,"result":"what it had said"})";
  const auto given = answer("{}");
  EXPECT_EQ(given.exit_code, exit_delivered);
  EXPECT_EQ(given.text, "what it had said");
  EXPECT_EQ(asked_, 0U);
}

// proves: R2
TEST_F(model_agent_test, an_outage_that_is_over_at_the_fourth_try_is_not_noticed) {
  for (const auto* fault : {"unavailable", "rate_limited", "server_error", "malformed_json"}) {
    asked_ = 0;
    const auto name = std::string("\"") + fault + "\"";
    const auto given = answer(R"({"answer":{"text":"at last"},"sequence":[)" + name + "," + name +
                              "," + name + "]}");
    EXPECT_EQ(given.exit_code, exit_delivered) << fault << ": " << given.reason;
    EXPECT_EQ(given.text, "at last");
    EXPECT_EQ(asked_, 4U) << fault;
  }
}

// proves: R2
TEST_F(model_agent_test, no_more_tries_are_made_than_the_policy_allows) {
  const auto given = answer(R"({"probabilities":{"unavailable":1}})");
  EXPECT_EQ(given.exit_code, exit_unavailable);
  EXPECT_EQ(asked_, policy_.attempts_most);
  EXPECT_EQ(repetitions(), policy_.attempts_most - 1);
}

// proves: R4
TEST_F(model_agent_test, a_model_that_hangs_is_given_up_at_once_after_its_second_try) {
  const auto given = answer(R"({"probabilities":{"hang":1}})");
  EXPECT_EQ(given.exit_code, exit_unavailable);
  EXPECT_EQ(asked_, 2U);
  EXPECT_EQ(repetitions(), 1U) << "no wait that nothing follows";
  EXPECT_LT(took_, 65s);
}

// proves: R5
TEST_F(model_agent_test, what_no_repetition_mends_is_not_repeated) {
  for (const auto* fault : {"unauthorized", "quota_exhausted", "context_overflow"}) {
    asked_ = 0;
    const auto given = answer(R"({"sequence":[")" + std::string(fault) + R"("]})");
    EXPECT_NE(given.exit_code, exit_delivered);
    EXPECT_EQ(asked_, 1U) << fault;
  }
}

TEST_F(model_agent_test, the_first_cause_is_told_when_a_later_one_would_hide_it) {
  const auto given = answer(R"({"sequence":["server_error","unauthorized"]})");
  EXPECT_EQ(given.exit_code, exit_unavailable);
  EXPECT_THAT(given.reason, HasSubstr("Incorrect API key"));
  EXPECT_THAT(given.reason, HasSubstr("at first: the model answered 500"));
  const auto same = answer(R"({"probabilities":{"unavailable":1}})");
  EXPECT_THAT(same.reason, Not(HasSubstr("at first")));
}

// proves: R1
TEST_F(model_agent_test, a_call_in_flight_ends_with_the_time_of_all_tries) {
  policy_.time_most = 20s;
  const auto given = answer(R"({"probabilities":{"hang":1}})");
  EXPECT_EQ(given.exit_code, exit_unavailable);
  EXPECT_EQ(asked_, 1U);
  EXPECT_LE(took_, 21s);
}

}  // namespace
}  // namespace nine::model_agent
