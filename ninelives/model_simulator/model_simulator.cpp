#include "ninelives/model_simulator/model_simulator.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "ninelives/base/utf8.hpp"
#include "ninelives/http/event_stream.hpp"
#include "ninelives/http/server.hpp"

namespace nine::model_simulator {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

http::response openai_error(unsigned status, std::string_view message, std::string_view type,
                            std::string_view code) {
  return http::json_response(status, format_error(message, type, code));
}

http::response rate_limited(duration wait) {
  auto made =
      openai_error(429, "Rate limit reached for requests", "requests", "rate_limit_exceeded");
  const auto wait_ms = to_milliseconds(wait);
  made.fields.add("Retry-After", std::to_string((wait_ms + 999) / 1000));
  made.fields.add("retry-after-ms", std::to_string(wait_ms));
  return made;
}

/// Whatever came as one: providers repeat it when they refuse it.
std::string_view key_of(const http::headers& fields) {
  constexpr std::string_view scheme = "Bearer ";
  const auto given = fields.find("Authorization").value_or("");
  return given.starts_with(scheme) ? given.substr(scheme.size()) : given;
}

/// Faults that are a status and nothing else; status 0 for all others.
http::response refusal(fault kind, const script& rules, std::string_view key) {
  switch (kind) {
    case fault::rate_limited:
      return rate_limited(rules.retry_after);
    case fault::quota_exhausted:
      return openai_error(429, "You exceeded your current quota", "insufficient_quota",
                          "insufficient_quota");
    case fault::unauthorized:
      return openai_error(401, "Incorrect API key provided: " + std::string(key),
                          "invalid_request_error", "invalid_api_key");
    case fault::context_overflow:
      return openai_error(400, "This model's maximum context length is 8192 tokens",
                          "invalid_request_error", "context_length_exceeded");
    case fault::server_error:
      return openai_error(500, "The server had an error", "server_error", "internal_error");
    case fault::bad_gateway:
      return openai_error(502, "Bad gateway", "server_error", "bad_gateway");
    case fault::unavailable:
    case fault::hang:  // after its time it gives up
      return openai_error(503, "The server is overloaded", "server_error", "server_is_overloaded");
    case fault::overloaded:
      return openai_error(529, "Overloaded", "overloaded_error", "overloaded_error");
    default:
      break;
  }
  http::response none;
  none.status = 0;
  return none;
}

http::response web_page() {
  http::response made;
  made.fields.add("Content-Type", "text/html");
  made.body = "<html><body><h1>Please sign in to the network</h1></body></html>";
  return made;
}

/// The connection is then cut instead of ended.
std::unexpected<error> cut() {
  return fail(error_code::unavailable, "cut by the script");
}

}  // namespace

model_simulator::model_simulator(environment::clock& clock, script rules, std::uint64_t seed,
                                 log_sink log)
    : clock_(clock), decider_(std::move(rules), seed), log_(std::move(log)) {
  const auto add = [this](std::string method, const std::string& path, auto member) {
    const auto to = [this, member](http::request asked) {
      return (this->*member)(std::move(asked));
    };
    router_.add(method, path, to);
    router_.add(method, "/v1" + path, to);
  };
  add("POST", "/chat/completions", &model_simulator::chat);
  add("GET", "/models", &model_simulator::models);
  add("GET", "/log", &model_simulator::log);
}

asio::awaitable<http::response> model_simulator::answer(http::request asked) const {
  return router_(std::move(asked));
}

asio::awaitable<http::response> model_simulator::models(http::request) {
  co_return http::json_response(
      200, R"({"object":"list","data":[{"id":"sim","object":"model","owned_by":"ninelives"}]})");
}

asio::awaitable<http::response> model_simulator::log(http::request) {
  http::response made;
  made.fields.add("Content-Type", "application/x-ndjson");
  for (const auto& line : lines_)
    made.body += line + "\n";
  co_return made;
}

model_simulator::plan model_simulator::make_plan(const question& asked) {
  plan made{.decided = decider_.decide(asked),
            .answer = {},
            .stream = asked.stream,
            .include_usage = asked.include_usage};
  const auto occurrence = decider_.occurrences(asked.hash);
  auto& given = made.answer;
  given.id = fmt::format("chatcmpl-{:016x}{:04x}", asked.hash, occurrence);
  given.model = asked.model;
  given.content = made.decided.content;
  given.created_s = to_milliseconds(clock_.wall_now()) / 1000;
  given.prompt_tokens = estimate_tokens(asked.prompt) + static_cast<tokens>(4 * asked.messages);
  given.completion_tokens = estimate_tokens(given.content);
  return made;
}

void model_simulator::record(const question& asked, const plan& made) {
  json::object line;
  line["n"] = ++requests_;
  line["time_ms"] = to_milliseconds(clock_.wall_now());
  line["model"] = asked.model;
  line["stream"] = asked.stream;
  line["hash"] = fmt::format("{:016x}", asked.hash);
  line["occurrence"] = decider_.occurrences(asked.hash);
  line["fault"] = to_string(made.decided.does);
  line["messages"] = asked.messages;
  line["prompt_bytes"] = asked.prompt.size();
  line["prompt"] = utf8_prefix(asked.prompt, log_prompt_bytes_most);
  lines_.push_back(json::serialize(line));
  if (lines_.size() > log_lines_most) lines_.pop_front();
  if (log_) log_(lines_.back());
}

asio::awaitable<http::response> model_simulator::chat(http::request asked) {
  auto parsed = parse_question(asked.body);
  if (!parsed) {
    co_return openai_error(400, parsed.error().message, "invalid_request_error", "invalid_request");
  }
  auto made = make_plan(*parsed);
  record(*parsed, made);
  const auto does = made.decided.does;
  const auto& rules = decider_.rules();
  if (does == fault::hang) co_await clock_.sleep_for(rules.hang);
  auto refused = refusal(does, rules, key_of(asked.fields));
  if (refused.status != 0) co_return refused;
  if (does == fault::wrong_content_type) co_return web_page();
  if (!made.stream) {
    const bool slow = does == fault::slow_first_token || does == fault::slow_stream;
    co_await clock_.sleep_for(rules.first_token + (slow ? rules.slow : 0s));
    co_return whole_answer(std::move(made));
  }
  co_return http::event_stream_response(
      [this, made](http::body_writer& writer) { return write_events(made, writer); });
}

http::response model_simulator::whole_answer(plan made) {
  auto body = format_completion(made.answer);
  switch (made.decided.does) {
    case fault::malformed_json:
    case fault::unterminated:
      return http::json_response(200, body.substr(0, body.size() / 2));
    case fault::cut_stream: {
      auto half = http::json_response(200, "");
      half.stream = [this, made](http::body_writer& writer) { return write_half(made, writer); };
      return half;
    }
    default:
      return http::json_response(200, std::move(body));
  }
}

asio::awaitable<result<void>> model_simulator::write_half(plan made, http::body_writer& writer) {
  const auto body = format_completion(made.answer);
  auto written = co_await writer.write(std::string_view(body).substr(0, body.size() / 2));
  if (!written) co_return written;
  co_return cut();
}

asio::awaitable<result<void>> model_simulator::write_events(plan made, http::body_writer& writer) {
  const auto does = made.decided.does;
  const auto& rules = decider_.rules();
  const auto chunks = format_chunks(made.answer, made.include_usage);
  const bool halved = does == fault::cut_stream || does == fault::unterminated;
  const auto last = halved ? chunks.size() / 2 : chunks.size();
  for (std::size_t i = 0; i < last; ++i) {
    auto wait = i == 1 ? rules.first_token : i > 1 ? rules.between_pieces : 0s;
    if (does == fault::slow_first_token && i == 1) wait += rules.slow;
    if (does == fault::slow_stream && i > 0) wait += rules.slow;
    if (wait > 0s) co_await clock_.sleep_for(wait);
    auto data = chunks[i];
    if (does == fault::malformed_json && i == chunks.size() / 2) data.resize(data.size() / 2);
    const auto text = http::format_event({"", "", data});
    auto written = co_await writer.write(text);
    if (!written) co_return written;
  }
  if (does == fault::cut_stream) co_return cut();
  co_return result<void>();
}

asio::awaitable<void> run_model_simulator(environment::clock& clock, environment::listener& source,
                                          script rules, std::uint64_t seed, log_sink log) {
  // Shared with the server's handler: answers that are cancelled end after this coroutine.
  auto simulator = std::make_shared<model_simulator>(clock, std::move(rules), seed, std::move(log));
  const http::server_options options{.cancel_with_client = true};
  http::server server(
      clock, [simulator](http::request asked) { return simulator->answer(std::move(asked)); },
      options);
  co_await server.serve(source);
}

}  // namespace nine::model_simulator
