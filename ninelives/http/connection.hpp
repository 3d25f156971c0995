#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/network.hpp"
#include "ninelives/http/decoder.hpp"
#include "ninelives/http/serialization.hpp"
#include "ninelives/http/server.hpp"

namespace nine::http {

class connection;

/// What the server and its connections share; it outlives the server while connections end.
struct server_state {
  environment::clock& clock;
  handler answer;
  server_options options;
  std::list<connection*> connections;
  std::list<environment::listener*> listeners;
  environment::async_event changed;  ///< a connection has ended
  bytes bodies_bytes = 0;            ///< held by all connections, see server_options
  bool stopping = false;
};

/// One client: reads requests, calls the handler, writes the answers, one after the other.
class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(std::shared_ptr<server_state> server, std::unique_ptr<environment::stream> client);
  ~connection();

  /// Until the connection has ended. Keeps itself alive.
  static boost::asio::awaitable<void> run(std::shared_ptr<connection> self);

  /// Ends it now unless a request is being answered; streams end at once.
  void end_when_idle();

  /// Cuts it whatever it does; the handler is cancelled.
  void cut();

  /// What run() is spawned with.
  boost::asio::cancellation_slot cancellation() { return cancellation_.slot(); }

 private:
  boost::asio::awaitable<void> exchange();
  boost::asio::awaitable<std::optional<request>> receive();
  boost::asio::awaitable<result<std::size_t>> read(monotonic_time deadline);
  boost::asio::awaitable<result<void>> invite_body();
  std::optional<response> refusal_of_body(bytes more);
  void release_body();
  boost::asio::awaitable<std::optional<response>> ask_handler(request asked);
  boost::asio::awaitable<response> call(request asked);
  boost::asio::awaitable<void> watch_client();
  boost::asio::awaitable<bool> answer(response made, bool to_head);
  boost::asio::awaitable<bool> answer_with_stream(response made);
  boost::asio::awaitable<bool> run_stream(body_stream stream, framing how);
  boost::asio::awaitable<result<void>> send(std::string text);

  std::shared_ptr<server_state> server_;
  std::unique_ptr<environment::stream> client_;
  boost::asio::cancellation_signal cancellation_;
  request_decoder decoder_;
  std::string early_;     ///< what came while a request was being answered
  bytes body_bytes_ = 0;  ///< this one's part of server_state::bodies_bytes
  bool admitted_ = false;
  bool answering_ = false;
  bool streaming_ = false;
  std::list<connection*>::iterator place_;
};

}  // namespace nine::http
