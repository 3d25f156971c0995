#pragma once

#include <boost/asio/awaitable.hpp>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/units.hpp"
#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/network.hpp"
#include "ninelives/http/client.hpp"
#include "ninelives/model_client/base_url.hpp"
#include "ninelives/model_client/failure.hpp"
#include "ninelives/telemetry/redactor.hpp"

namespace nine::model_client {

struct message {
  std::string role;  ///< "system", "user", "assistant"
  std::string content;
};

struct chat_request {
  std::string model{};
  std::vector<message> messages{};
  std::optional<double> temperature{};
  std::optional<tokens> completion_tokens_most{};
  std::string completion_limit_field = "max_tokens";  ///< the name that limit goes by
  bool stream = true;  ///< a stall is noticed sooner; the result is the same
};

struct chat_usage {
  tokens prompt = 0;
  tokens cached_prompt = 0;  ///< part of `prompt`
  tokens completion = 0;
  bool estimated = false;  ///< the model did not say; about four bytes were taken for a token
};

struct chat_result {
  std::string content{};
  std::string finish_reason{};  ///< "stop", "length", …; as the model said
  std::string response_id{};
  std::string model{};  ///< which one answered
  chat_usage usage{};
};

template <class T>
using model_result = std::expected<T, failure>;

/// The body of a request.
std::string format_chat_request(const chat_request& asked);

/// Reads a whole answer. Whatever is missing or of another type is a failure `malformed`; refused
/// content is `content_policy`. Pure.
model_result<chat_result> parse_completion(std::string_view body, const chat_request& asked);

/// Puts a streamed answer together. Pure.
class completion_stream {
 public:
  /// One event's data. After "[DONE]" nothing is taken any more.
  model_result<void> take(std::string_view data, wall_time now);

  bool done() const { return done_; }

  /// The answer, when its terminator came; else it counts as cut (R10).
  model_result<chat_result> finish(const chat_request& asked) &&;

 private:
  chat_result result_;
  bool saw_usage_ = false;
  bool done_ = false;
};

struct client_settings {
  base_url where{};
  std::string api_key{};  ///< sent as "Authorization: Bearer …" unless empty; shown nowhere
  http::client_limits limits{};
};

/// Calls chat completions of an OpenAI-compatible endpoint, once for each call: retries are the
/// caller's. Thread: one executor.
class model_client {
 public:
  model_client(environment::network& network, environment::clock& clock, client_settings settings)
      : http_(network, clock),
        clock_(clock),
        settings_(std::move(settings)),
        secrets_({settings_.api_key}) {}

  /// A failure's message is one printable line of bounded length in which no key stands, whatever
  /// the other side said. Takes at most `time_most`, and less when the settings say so.
  boost::asio::awaitable<model_result<chat_result>> complete(chat_request asked,
                                                             duration time_most = duration::max());

 private:
  boost::asio::awaitable<model_result<chat_result>> call(chat_request asked, duration time_most);
  http::client_request make_call(const chat_request& asked) const;
  boost::asio::awaitable<model_result<chat_result>> read_stream(
      std::unique_ptr<http::incoming_response> answer, const chat_request& asked);
  boost::asio::awaitable<model_result<std::string>> read_body(http::incoming_response& answer);

  http::client http_;
  environment::clock& clock_;
  client_settings settings_;
  telemetry::redactor secrets_;
};

}  // namespace nine::model_client
