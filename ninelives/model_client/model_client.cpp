#include "ninelives/model_client/model_client.hpp"

#include <algorithm>

#include "ninelives/base/printable.hpp"
#include "ninelives/base/utf8.hpp"
#include "ninelives/http/event_stream.hpp"

namespace nine::model_client {
namespace {

namespace asio = boost::asio;

constexpr std::size_t error_body_bytes_most = 256 * KiB;
constexpr std::size_t message_bytes_most = 350;

bool is_media_type(const http::headers& fields, std::string_view expected) {
  auto type = fields.find("Content-Type").value_or("");
  type = type.substr(0, std::min(type.find(';'), type.size()));
  while (type.ends_with(' '))
    type.remove_suffix(1);
  return http::equal_ignoring_case(type, expected);
}

std::unexpected<failure> broken(const http::client_error& cause) {
  return std::unexpected(classify_broken_call(cause));
}

/// A key that could add header fields of its own cannot be one.
bool is_usable_key(std::string_view key) {
  return std::ranges::all_of(key, [](char letter) { return letter > ' ' && letter < 127; });
}

}  // namespace

http::client_request model_client::make_call(const chat_request& asked) const {
  http::client_request call{.server = settings_.where.server,
                            .method = "POST",
                            .target = settings_.where.prefix + "/chat/completions"};
  call.fields.add("Content-Type", "application/json");
  call.fields.add("Accept", asked.stream ? "text/event-stream" : "application/json");
  if (!settings_.api_key.empty()) {
    call.fields.add("Authorization", "Bearer " + settings_.api_key);
  }
  call.body = format_chat_request(asked);
  return call;
}

asio::awaitable<model_result<std::string>> model_client::read_body(
    http::incoming_response& answer) {
  std::string body;
  while (true) {
    auto piece = co_await answer.next();
    if (!piece) co_return broken(piece.error());
    if (piece->empty()) co_return body;
    body += *piece;
    if (answer.status() != 200 && body.size() > error_body_bytes_most) co_return body;
  }
}

asio::awaitable<model_result<chat_result>> model_client::complete(chat_request asked,
                                                                  duration time_most) {
  auto answer = co_await call(std::move(asked), time_most);
  if (!answer) {
    auto& message = answer.error().message;
    // First the keys: the cut could leave half of one that nothing would know any more.
    const auto shown = printable_line(secrets_.redact(message));
    message = utf8_prefix(shown, message_bytes_most);
  }
  co_return answer;
}

asio::awaitable<model_result<chat_result>> model_client::call(chat_request asked,
                                                              duration time_most) {
  if (!is_usable_key(settings_.api_key)) {
    co_return std::unexpected(
        failure{failure_class::credentials, 0, "the model's key holds letters no key can have"});
  }
  auto limits = settings_.limits;
  limits.total = std::min(limits.total, time_most);
  auto made = make_call(asked);
  auto opened = co_await http_.open(std::move(made), limits);
  if (!opened) co_return broken(opened.error());
  auto answer = *std::move(opened);
  const bool good = answer->status() == 200;
  if (good && asked.stream && is_media_type(answer->fields(), "text/event-stream")) {
    co_return co_await read_stream(std::move(answer), asked);
  }
  auto body = co_await read_body(*answer);
  if (!good) {
    // Status and headers decide even when the body broke.
    co_return std::unexpected(classify_answer(answer->status(), answer->fields(),
                                              body.value_or(std::string()), clock_.wall_now()));
  }
  if (!body) co_return std::unexpected(std::move(body).error());
  if (!is_media_type(answer->fields(), "application/json")) {
    co_return std::unexpected(
        failure{failure_class::malformed, 200, "the model's answer is no JSON but something else"});
  }
  co_return parse_completion(*body, asked);
}

asio::awaitable<model_result<chat_result>> model_client::read_stream(
    std::unique_ptr<http::incoming_response> answer, const chat_request& asked) {
  http::event_reader events(std::move(answer));
  completion_stream stream;
  while (!stream.done()) {
    auto event = co_await events.next();
    if (!event) co_return broken(event.error());
    if (!event->has_value()) break;
    auto taken = stream.take((*event)->data, clock_.wall_now());
    if (!taken) co_return std::unexpected(std::move(taken).error());
  }
  co_return std::move(stream).finish(asked);
}

}  // namespace nine::model_client
