#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <limits>
#include <memory>
#include <optional>

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/network.hpp"
#include "ninelives/http/decoder.hpp"
#include "ninelives/http/message.hpp"

namespace nine::http {

struct server_options {
  message_limits limits{};
  std::size_t connections_most = 1024;  ///< more wait in the listener's queue
  duration idle_most = 60s;             ///< between two requests of a connection
  duration head_most = 10s;             ///< from the first byte of a request to the end of its head
  duration request_most = 60s;          ///< from the first byte to the end of its body
  duration write_most = 30s;            ///< for each 64 KiB of an answer; then the client is gone
  /// Cancel a handler whose client has gone away. Off: what was asked for is done to its end.
  /// Streams are cancelled always.
  bool cancel_with_client = false;
  /// The same for requests that only look (GET, HEAD).
  bool cancel_reads_with_client = false;
  /// Asked when a head is whole and its body is still to come: an answer refuses the request, and
  /// the body is not read. `request` has no body then. A request that came in one piece goes to the
  /// handler right away.
  std::function<std::optional<response>(const request&)> admit = {};
  /// What all connections together may hold of bodies that came in pieces, until they are answered;
  /// beyond it 503.
  bytes bodies_bytes_most = std::numeric_limits<bytes>::max();
};

struct server_state;

/// Serves HTTP/1.1 on any number of listeners. One handler (a router, mostly) answers everything;
/// its exceptions become 500. Thread: one executor.
class server {
 public:
  server(environment::clock& clock, handler answer, server_options options = {});

  /// Cuts every connection. Handlers that are still running are cancelled; what they refer to must
  /// live until they have ended: prefer stop().
  ~server();

  /// Accepts connections until the listener is closed, stop() is called, or it is cancelled. The
  /// connections live on.
  boost::asio::awaitable<void> serve(environment::listener& source);

  /// Closes the listeners and idle connections, ends streams, waits for requests that are being
  /// answered, cuts those that are not done within `grace`. Not to be awaited inside a handler.
  boost::asio::awaitable<void> stop(duration grace);

  std::size_t connections() const;

 private:
  std::shared_ptr<server_state> state_;
};

}  // namespace nine::http
