#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/network.hpp"
#include "ninelives/http/decoder.hpp"
#include "ninelives/http/event_stream.hpp"
#include "ninelives/http/headers.hpp"

namespace nine::http {

/// How far a call came before it failed; what may be tried again depends on it.
enum class client_failure {
  connect,            ///< no connection: nobody listens, no such host, TLS not verified
  timed_out_connect,  ///< nothing was sent
  timed_out_sending,  ///< the other side does not read the request
  timed_out_answer,   ///< no complete head of an answer came in time
  timed_out_idle,     ///< the body stalled
  timed_out_total,    ///< the call as a whole took too long
  closed_unanswered,  ///< the connection ended before the head of an answer was complete
  cut,                ///< the body ended before its end
  too_large,          ///< the answer is over the limit
  protocol            ///< what came is not HTTP
};

/// "timed_out_idle"
std::string_view to_string(client_failure kind);

struct client_error {
  client_failure kind;
  std::string message;  ///< for a person; no header field and no body stands in it

  /// For those who do not care how far it came.
  error as_error() const;
};

template <class T>
using client_result = std::expected<T, client_error>;

struct client_request {
  environment::endpoint server{};
  std::string method = "GET";
  std::string target = "/";  ///< encoded
  headers fields{};          ///< Host is added when missing
  std::string body{};
};

/// Time bounds of one call; each is counted from its own beginning.
struct client_limits {
  duration connect = 10s;
  duration answer = 60s;  ///< from the end of sending to the end of the answer's head
  duration idle = 60s;    ///< for each piece (of at most 64 KiB), sent or received
  duration total = 600s;  ///< duration::max(): none
  message_limits size{.head_bytes_most = 64 * KiB, .body_bytes_most = 64 * MiB};
};

struct client_response {
  unsigned status = 0;
  headers fields;
  std::string body;
};

/// An answer whose head has come; the body is read piece by piece. Destroying it closes the
/// connection.
class incoming_response {
 public:
  unsigned status() const { return decoder_.status(); }
  const headers& fields() const { return decoder_.fields(); }

  /// The next piece of the body; empty when the body has ended as it should.
  boost::asio::awaitable<client_result<std::string>> next();

 private:
  friend class client;
  incoming_response(environment::clock& clock, client_limits limits, bool answers_head,
                    std::unique_ptr<environment::stream> server, monotonic_time total_deadline);

  boost::asio::awaitable<client_result<void>> receive_head();
  boost::asio::awaitable<client_result<void>> receive(monotonic_time deadline, client_failure late,
                                                      std::string late_text);

  environment::clock& clock_;
  client_limits limits_;
  std::unique_ptr<environment::stream> server_;
  monotonic_time total_deadline_;
  response_decoder decoder_;
};

/// The events of an answer, one after the other.
class event_reader {
 public:
  explicit event_reader(std::unique_ptr<incoming_response> source) : source_(std::move(source)) {}

  /// The next event; nullopt when the stream has ended in good order.
  boost::asio::awaitable<client_result<std::optional<sent_event>>> next();

 private:
  std::unique_ptr<incoming_response> source_;
  event_stream_parser parser_;
  std::vector<sent_event> ready_;  ///< in reverse
};

/// Makes HTTP/1.1 calls, each on a connection of its own: no call can fail because an earlier one
/// left its connection in a bad state. Thread: one executor.
class client {
 public:
  client(environment::network& network, environment::clock& clock)
      : network_(network), clock_(clock) {}

  /// The whole answer, whatever its status.
  boost::asio::awaitable<client_result<client_response>> call(client_request asked,
                                                              client_limits limits = {});

  /// Returns when the head has come.
  boost::asio::awaitable<client_result<std::unique_ptr<incoming_response>>> open(
      client_request asked, client_limits limits = {});

 private:
  boost::asio::awaitable<client_result<std::unique_ptr<environment::stream>>> connect(
      const client_request& asked, const client_limits& limits, monotonic_time total_deadline);

  environment::network& network_;
  environment::clock& clock_;
};

}  // namespace nine::http
