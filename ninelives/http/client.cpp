#include "ninelives/http/client.hpp"

#include <algorithm>
#include <array>

#include "ninelives/environment/deadline.hpp"
#include "ninelives/http/send_in_pieces.hpp"
#include "ninelives/http/serialization.hpp"

namespace nine::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t read_bytes = 16 * KiB;

std::unexpected<client_error> failed(client_failure kind, std::string message) {
  return std::unexpected(client_error{kind, std::move(message)});
}

/// Host as RFC 9112 §3.2 wants it: without the scheme's own port.
std::string host_of(const environment::endpoint& server) {
  const auto* remote = std::get_if<environment::tcp_endpoint>(&server);
  if (remote == nullptr) return "localhost";
  const std::string host = remote->host.contains(':') ? "[" + remote->host + "]" : remote->host;
  if (remote->port == (remote->tls ? 443 : 80)) return host;
  return host + ":" + std::to_string(remote->port);
}

client_failure kind_of(const error& cause) {
  if (cause.code == error_code::too_large) return client_failure::too_large;
  return client_failure::protocol;
}

}  // namespace

std::string_view to_string(client_failure kind) {
  switch (kind) {
    case client_failure::connect:
      return "connect";
    case client_failure::timed_out_connect:
      return "timed_out_connect";
    case client_failure::timed_out_sending:
      return "timed_out_sending";
    case client_failure::timed_out_answer:
      return "timed_out_answer";
    case client_failure::timed_out_idle:
      return "timed_out_idle";
    case client_failure::timed_out_total:
      return "timed_out_total";
    case client_failure::closed_unanswered:
      return "closed_unanswered";
    case client_failure::cut:
      return "cut";
    case client_failure::too_large:
      return "too_large";
    case client_failure::protocol:
      break;
  }
  return "protocol";
}

error client_error::as_error() const {
  switch (kind) {
    case client_failure::connect:
    case client_failure::closed_unanswered:
    case client_failure::cut:
      return {error_code::unavailable, message};
    case client_failure::timed_out_connect:
    case client_failure::timed_out_sending:
    case client_failure::timed_out_answer:
    case client_failure::timed_out_idle:
    case client_failure::timed_out_total:
      return {error_code::timed_out, message};
    case client_failure::too_large:
      return {error_code::too_large, message};
    case client_failure::protocol:
      break;
  }
  return {error_code::protocol_error, message};
}

incoming_response::incoming_response(environment::clock& clock, client_limits limits,
                                     bool answers_head, std::unique_ptr<environment::stream> server,
                                     monotonic_time total_deadline)
    : clock_(clock),
      limits_(limits),
      server_(std::move(server)),
      total_deadline_(total_deadline),
      decoder_(limits.size, answers_head) {}

/// Reads once and gives it to the decoder.
asio::awaitable<client_result<void>> incoming_response::receive(monotonic_time deadline,
                                                                client_failure late,
                                                                std::string late_text) {
  std::array<char, read_bytes> buffer;
  auto reading = server_->read_some(buffer);
  auto got = co_await environment::until(clock_, std::min(deadline, total_deadline_),
                                         std::move(reading), "");
  if (!got && got.error().code == error_code::timed_out && clock_.now() >= total_deadline_) {
    co_return failed(client_failure::timed_out_total, "the call took too long as a whole");
  }
  if (!got && got.error().code == error_code::timed_out) {
    co_return failed(late, std::move(late_text));
  }
  const auto broken =
      decoder_.head_complete() ? client_failure::cut : client_failure::closed_unanswered;
  if (!got) co_return failed(broken, "the connection broke: " + got.error().message);
  if (*got == 0) {
    auto ended = decoder_.feed_end();
    if (!ended) co_return failed(broken, std::move(ended).error().message);
    co_return client_result<void>();
  }
  auto fed = decoder_.feed(std::string_view(buffer.data(), *got));
  if (!fed) co_return failed(kind_of(fed.error()), fed.error().message);
  co_return client_result<void>();
}

asio::awaitable<client_result<void>> incoming_response::receive_head() {
  const auto deadline = environment::after(clock_.now(), limits_.answer);
  while (!decoder_.head_complete()) {
    auto received =
        co_await receive(deadline, client_failure::timed_out_answer, "no answer came in time");
    if (!received) co_return received;
  }
  co_return client_result<void>();
}

asio::awaitable<client_result<std::string>> incoming_response::next() {
  auto piece = decoder_.take_body();
  while (piece.empty() && !decoder_.complete()) {
    const auto deadline = environment::after(clock_.now(), limits_.idle);
    auto received = co_await receive(deadline, client_failure::timed_out_idle,
                                     "the answer stalled before its end");
    if (!received) co_return std::unexpected(std::move(received).error());
    piece = decoder_.take_body();
  }
  co_return piece;
}

asio::awaitable<client_result<std::optional<sent_event>>> event_reader::next() {
  while (ready_.empty()) {
    auto piece = co_await source_->next();
    if (!piece) co_return std::unexpected(std::move(piece).error());
    if (piece->empty()) co_return std::optional<sent_event>();
    auto events = parser_.feed(*piece);
    if (!events) co_return failed(client_failure::too_large, std::move(events).error().message);
    ready_ = *std::move(events);
    std::ranges::reverse(ready_);
  }
  std::optional<sent_event> event = std::move(ready_.back());
  ready_.pop_back();
  co_return event;
}

asio::awaitable<client_result<std::unique_ptr<environment::stream>>> client::connect(
    const client_request& asked, const client_limits& limits, monotonic_time total_deadline) {
  const auto deadline = std::min(environment::after(clock_.now(), limits.connect), total_deadline);
  auto connecting = network_.connect(asked.server);
  auto connected =
      co_await environment::until(clock_, deadline, std::move(connecting), "no connection in time");
  if (connected) co_return *std::move(connected);
  const bool late = connected.error().code == error_code::timed_out;
  co_return failed(late ? client_failure::timed_out_connect : client_failure::connect,
                   std::move(connected).error().message);
}

asio::awaitable<client_result<std::unique_ptr<incoming_response>>> client::open(
    client_request asked, client_limits limits) {
  const auto total_deadline = environment::after(clock_.now(), limits.total);
  auto connected = co_await connect(asked, limits, total_deadline);
  if (!connected) co_return std::unexpected(std::move(connected).error());
  auto& server = **connected;

  if (!asked.fields.find("Host")) asked.fields.add("Host", host_of(asked.server));
  auto text =
      format_request_head(asked.method, asked.target, asked.fields, asked.body.size()) + asked.body;
  auto sending = send_in_pieces(clock_, server, std::move(text), limits.idle, total_deadline);
  auto sent = co_await std::move(sending);
  if (!sent && sent.error().code == error_code::timed_out) {
    co_return failed(client_failure::timed_out_sending, "the request was not taken in time");
  }
  // When sending failed otherwise, an answer may be there all the same: a server that refuses a
  // large body says why and closes.
  std::unique_ptr<incoming_response> answer(new incoming_response(
      clock_, limits, asked.method == "HEAD", *std::move(connected), total_deadline));
  auto received = co_await answer->receive_head();
  if (!received) co_return std::unexpected(std::move(received).error());
  co_return answer;
}

asio::awaitable<client_result<client_response>> client::call(client_request asked,
                                                             client_limits limits) {
  auto answer = co_await open(std::move(asked), limits);
  if (!answer) co_return std::unexpected(std::move(answer).error());
  client_response whole{(*answer)->status(), (*answer)->fields(), {}};
  while (true) {
    auto piece = co_await (*answer)->next();
    if (!piece) co_return std::unexpected(std::move(piece).error());
    if (piece->empty()) co_return whole;
    whole.body += *piece;
  }
}

}  // namespace nine::http
