#include "ninelives/model_client/model_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <tuple>

#include "ninelives/environment/fake/manual_clock.hpp"
#include "ninelives/environment/fake/memory_network.hpp"
#include "ninelives/http/server.hpp"
#include "ninelives/model_client/retry_time.hpp"
#include "ninelives/model_simulator/model_simulator.hpp"

namespace nine::model_client {
namespace {

namespace asio = boost::asio;

TEST(base_url, is_taken_apart) {
  const std::vector<std::tuple<std::string, std::string, int, bool, std::string>> cases = {
      {"https://api.example.org/v1", "api.example.org", 443, true, "/v1"},
      {"http://127.0.0.1:8080/", "127.0.0.1", 8080, false, ""},
      {"http://[::1]:9/a/b//", "::1", 9, false, "/a/b"},
      {"http://h", "h", 80, false, ""},
  };
  for (const auto& [text, host, port, tls, prefix] : cases) {
    const auto read = parse_base_url(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->server.host, host);
    EXPECT_EQ(read->server.port, port);
    EXPECT_EQ(read->server.tls, tls);
    EXPECT_EQ(read->prefix, prefix);
  }
}

TEST(base_url, what_is_none_is_refused_without_repeating_it) {
  for (const auto* text : {"", "api.example.org", "ftp://h", "http://", "http://:80", "http://h:0",
                           "http://h:99999", "http://h:x", "http://[::1", "http://h/a b",
                           "http://h/\r\nX: y", "http://user:secret@h/", "http://h\r\n/"}) {
    const auto read = parse_base_url(text);
    ASSERT_FALSE(read) << text;
    EXPECT_FALSE(read.error().message.contains("secret"));
  }
}

const wall_time now = *parse_timestamp("2026-11-22T06:00:00Z");

TEST(classify_answer, follows_the_table) {
  using enum failure_class;
  const auto openai = [](std::string type, std::string code, std::string message = "m") {
    return R"({"error":{"type":")" + type + R"(","code":")" + code + R"(","message":")" + message +
           R"("}})";
  };
  const std::vector<std::tuple<unsigned, std::string, failure_class>> cases = {
      {408, "", retryable},
      {409, "", retryable},
      {500, "", retryable},
      {502, "<html>", retryable},
      {503, openai("server_error", "server_is_overloaded"), retryable},
      {504, "", retryable},
      {529, openai("overloaded_error", ""), retryable},
      {429, openai("requests", "rate_limit_exceeded"), rate_limited},
      {429, "", rate_limited},
      {429, openai("insufficient_quota", "insufficient_quota"), quota_exhausted},
      {429, openai("insufficient_quota", "project_spend_limit_exceeded"), quota_exhausted},
      {429,
       R"({"error":{"type":"rate_limit_error","message":"m",)"
       R"("details":{"error_code":"enforced_spend_limit_reached"}}})",
       quota_exhausted},
      {402, "", quota_exhausted},
      {401, openai("invalid_request_error", "invalid_api_key"), credentials},
      {403, "", credentials},
      {400, openai("invalid_request_error", "context_length_exceeded"), context_overflow},
      {400, openai("", "", "prompt is too long: 9 tokens > 5 maximum"), context_overflow},
      {413, openai("", "", "maximum context length is 8192"), context_overflow},
      {400, openai("", "string_above_max_length", "maximum context length is"), invalid_request},
      {429, openai("", "", "you wrote: maximum context length is"), rate_limited},
      {500, openai("", "", "you wrote: prompt is too long"), retryable},
      {400, openai("", "content_policy_violation"), content_policy},
      {400, openai("invalid_request_error", ""), invalid_request},
      {404, "", invalid_request},
      {413, "", invalid_request},
      {422, "", invalid_request},
      {301, "", retryable},
      {200, openai("rate_limit_error", ""), rate_limited},
      {200, openai("overloaded_error", ""), retryable},
      {400, "\xFF not text", invalid_request},
      {400, R"({"error":[1,2]})", invalid_request},
  };
  for (const auto& [status, body, expected] : cases) {
    EXPECT_EQ(to_string(classify_answer(status, {}, body, now).kind), to_string(expected))
        << status << " " << body;
  }
}

// proves: R5
TEST(classify_answer, an_outage_is_not_waited_for_until_a_limit_resets) {
  http::headers fields = {{"x-ratelimit-remaining-requests", "199"},
                          {"x-ratelimit-reset-requests", "7m12s"},
                          {"x-ratelimit-remaining-tokens", "0"},
                          {"x-ratelimit-reset-tokens", "6ms"}};
  EXPECT_FALSE(classify_answer(500, fields, "", now).retry_at);
  fields.add("Retry-After", "7");
  EXPECT_EQ(classify_answer(503, fields, "", now).retry_at, now + 7s);
}

TEST(limit_reset, of_the_limits_only_those_that_are_used_up_count) {
  http::headers fields = {{"x-ratelimit-remaining-requests", "199"},
                          {"x-ratelimit-reset-requests", "7m12s"},
                          {"x-ratelimit-remaining-tokens", "0"},
                          {"x-ratelimit-reset-tokens", "6s"},
                          {"anthropic-ratelimit-requests-remaining", "3"},
                          {"anthropic-ratelimit-requests-reset", "2026-11-22T07:00:00Z"}};
  EXPECT_EQ(classify_answer(429, fields, "", now).retry_at, now + 6s);
  EXPECT_FALSE(limit_reset(
      {{"x-ratelimit-remaining-tokens", "12"}, {"x-ratelimit-reset-tokens", "6s"}}, now));
}

TEST(classify_answer, prefers_the_finer_header_and_never_waits_longer_than_a_day) {
  const std::vector<std::pair<http::headers, std::optional<duration>>> cases = {
      {{{"Retry-After", "7"}}, 7s},
      {{{"Retry-After", "7"}, {"retry-after-ms", "250"}}, 250ms},
      {{{"Retry-After", "Sun, 22 Nov 2026 06:01:00 GMT"}}, 60s},
      {{{"Retry-After", "Sun, 22 Nov 2020 06:01:00 GMT"}}, 0s},
      {{{"Retry-After", "999999999999"}}, 24h},
      {{{"Retry-After", "soon"}, {"x-ratelimit-reset-tokens", "1m30s"}}, 90s},
      {{{"x-ratelimit-reset-requests", "6s"}, {"x-ratelimit-reset-tokens", "250ms"}}, 6s},
      {{{"anthropic-ratelimit-requests-reset", "2026-11-22T07:00:00+00:30"}}, 1800s},
      {{{"anthropic-ratelimit-unified-reset", "1795327230"}}, 30s},
      {{{"Retry-After", "-1"}}, std::nullopt},
      {{{"Retry-After", "nan"}}, std::nullopt},
      {{}, std::nullopt},
  };
  for (const auto& [fields, wait] : cases) {
    const auto at = classify_answer(429, fields, "", now).retry_at;
    EXPECT_EQ(at.has_value(), wait.has_value());
    if (at && wait) {
      EXPECT_EQ(*at - now, *wait) << fields.begin()->second;
    }
  }
}

TEST(format_chat_request, says_nothing_of_limits_that_nobody_set) {
  chat_request asked{.model = "m", .messages = {{"user", "hi"}}, .stream = false};
  EXPECT_EQ(format_chat_request(asked),
            R"({"model":"m","messages":[{"role":"user","content":"hi"}]})");
  asked.completion_tokens_most = 7;
  EXPECT_THAT(format_chat_request(asked), ::testing::HasSubstr(R"("max_tokens":7)"));
  asked.completion_limit_field = "max_completion_tokens";
  asked.temperature = 0.5;
  const auto body = format_chat_request(asked);
  EXPECT_THAT(body, ::testing::HasSubstr(R"("max_completion_tokens":7)"));
  EXPECT_THAT(body, ::testing::Not(::testing::HasSubstr("max_tokens")));
  EXPECT_THAT(body, ::testing::HasSubstr(R"("temperature":5E-1)"));
}

TEST(parse_completion, reads_content_and_usage_or_says_that_it_is_malformed) {
  const auto good = parse_completion(
      R"({"id":"r1","model":"m","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":9,"completion_tokens":2,)"
      R"("prompt_tokens_details":{"cached_tokens":4}}})",
      {});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->content, "hi");
  EXPECT_EQ(good->response_id, "r1");
  EXPECT_EQ(good->usage.prompt, 9);
  EXPECT_EQ(good->usage.cached_prompt, 4);
  EXPECT_TRUE(parse_completion(
      R"({"error":null,"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]})", {}));
  for (const auto* text : {"", "{", "[]", "{}", R"({"choices":[]})", R"({"choices":[1]})",
                           R"({"choices":[{"message":1}]})", R"({"choices":{}})"}) {
    const auto read = parse_completion(text, {});
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, failure_class::malformed) << text;
  }
}

TEST(completion_stream, an_end_without_terminator_is_a_failure) {
  completion_stream stream;
  ASSERT_TRUE(stream.take(R"({"choices":[{"delta":{"content":"half"}}]})", now));
  EXPECT_FALSE(std::move(stream).finish({}));
}

TEST(completion_stream, an_error_that_is_null_is_none) {
  completion_stream stream;
  EXPECT_TRUE(stream.take(R"({"error":null,"choices":[{"delta":{"content":"all of it"}}]})", now));
  EXPECT_TRUE(
      stream.take(R"({"error":null,"choices":[{"delta":{},"finish_reason":"stop"}]})", now));
  EXPECT_TRUE(stream.take("[DONE]", now));
  const auto whole = std::move(stream).finish({});
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->content, "all of it");
}

/// The client against the simulator, in memory.
class model_client_test : public ::testing::Test {
 protected:
  model_result<chat_result> ask(std::string_view script_text, bool stream) {
    auto rules = model_simulator::parse_script(script_text);
    EXPECT_TRUE(rules);
    client_settings settings{.where = *parse_base_url("http://model:1/v1"), .api_key = "secret-1"};
    auto listening = *network_.listen(settings.where.server);
    asio::co_spawn(
        context_,
        model_simulator::run_model_simulator(clock_, *listening, *std::move(rules), 1,
                                             [this](std::string_view line) { log_ += line; }),
        asio::detached);
    model_client client(network_, clock_, settings);
    std::optional<model_result<chat_result>> outcome;
    chat_request asked{.model = "sim", .messages = {{"user", "say it"}}, .stream = stream};
    asio::co_spawn(
        context_, client.complete(std::move(asked)),
        [&](std::exception_ptr, model_result<chat_result> got) { outcome = std::move(got); });
    for (int minute = 0; minute < 100 && !outcome; ++minute) {
      context_.restart();
      context_.poll();
      clock_.advance(10s);
    }
    listening->close();
    context_.restart();
    context_.poll();
    return outcome ? *std::move(outcome)
                   : std::unexpected(failure{failure_class::malformed, 0, "never ended"});
  }

  /// What is told of the failure when an endpoint answers with this.
  std::string ask_one_who_says(unsigned status, const std::string& body) {
    const client_settings settings{.where = *parse_base_url("http://model:1/v1"),
                                   .api_key = "secret-1"};
    auto listening = *network_.listen(settings.where.server);
    http::server endpoint(clock_, [&](http::request) -> asio::awaitable<http::response> {
      co_return http::json_response(status, body);
    });
    asio::co_spawn(context_, endpoint.serve(*listening), asio::detached);
    model_client client(network_, clock_, settings);
    std::string told;
    asio::co_spawn(context_, client.complete({.model = "sim", .messages = {{"user", "say it"}}}),
                   [&](std::exception_ptr, model_result<chat_result> got) {
                     told = got ? "it worked" : got.error().message;
                   });
    context_.restart();
    context_.poll();
    listening->close();
    context_.restart();
    context_.poll();
    return told;
  }

  asio::io_context context_;
  environment::manual_clock clock_;
  environment::memory_network network_;
  std::string log_;
};

TEST_F(model_client_test, gets_the_same_answer_whole_and_in_pieces) {
  for (const bool stream : {false, true}) {
    const auto got =
        ask(R"({"answer":{"text":"an answer of several pieces, with ümläuts"}})", stream);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->content, "an answer of several pieces, with ümläuts");
    EXPECT_EQ(got->finish_reason, "stop");
    EXPECT_FALSE(got->usage.estimated);
    EXPECT_GT(got->usage.completion, 5);
  }
  EXPECT_TRUE(log_.contains(R"("prompt":"say it\n")"));
  EXPECT_FALSE(log_.contains("secret-1"));
}

TEST_F(model_client_test, every_fault_of_a_model_has_its_class) {
  using enum failure_class;
  const std::vector<std::pair<std::string, failure_class>> cases = {
      {"rate_limited", rate_limited},
      {"quota_exhausted", quota_exhausted},
      {"unauthorized", credentials},
      {"context_overflow", context_overflow},
      {"server_error", retryable},
      {"bad_gateway", retryable},
      {"unavailable", retryable},
      {"overloaded", retryable},
      {"hang", retryable},
      {"cut_stream", retryable},
      {"malformed_json", malformed},
      {"wrong_content_type", malformed},
  };
  for (const auto& [fault, expected] : cases) {
    for (const bool stream : {false, true}) {
      const auto got = ask(R"({"sequence":[")" + fault + R"("]})", stream);
      ASSERT_FALSE(got) << fault;
      EXPECT_EQ(to_string(got.error().kind), to_string(expected)) << fault << stream;
      EXPECT_FALSE(got.error().message.contains("secret-1"));
    }
  }
  EXPECT_EQ(ask(R"({"sequence":["unterminated"]})", true).error().kind, retryable);
  EXPECT_EQ(ask(R"({"sequence":["unterminated"]})", false).error().kind, malformed);
}

// proves: X3
TEST_F(model_client_test, a_failure_is_one_printable_line_of_bounded_length_without_keys) {
  const std::pair<std::string, std::string> cases[] = {
      {"Incorrect key secret-1 and sk-proj-0123456789abcdef",
       "Incorrect key [redacted] and [redacted]"},
      {R"(bad \u001b]0;title\u0007 key\nnext line)", "bad \\x1b]0;title\\x07 key next line"},
      {std::string(290, '.') + "secret-1" + std::string(5000, '.'),
       std::string(290, '.') + "[redacted]"},
  };
  for (const auto& [said, told] : cases) {
    for (const unsigned status : {401U, 200U}) {
      const auto message = ask_one_who_says(status, R"({"error":{"message":")" + said + R"("}})");
      EXPECT_THAT(message, ::testing::StartsWith("the model answered " + std::to_string(status) +
                                                 ": " + told));
      EXPECT_LT(message.size(), 400U);
    }
  }
}

TEST_F(model_client_test, a_slow_answer_is_waited_for_within_the_bounds) {
  EXPECT_TRUE(ask(R"({"sequence":["slow_first_token"]})", true));
  EXPECT_TRUE(ask(R"({"sequence":["slow_stream"]})", true));
}

TEST_F(model_client_test, a_rate_limit_says_when_to_come_back) {
  const auto before = clock_.wall_now();
  const auto got = ask(R"({"sequence":["rate_limited"],"retry_after_ms":2500})", true);
  ASSERT_FALSE(got);
  EXPECT_EQ(*got.error().retry_at - before, 2500ms);
}

}  // namespace
}  // namespace nine::model_client
