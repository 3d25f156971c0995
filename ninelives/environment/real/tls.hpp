#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "ninelives/environment/network.hpp"

namespace nine::environment {

/// Makes TLS connections that are verified against the system's certificates (or those named by
/// OpenSSL's SSL_CERT_FILE and SSL_CERT_DIR) and against the host's name.
class tls_connector {
 public:
  /// Takes a connected socket through the handshake. Error: unavailable with the reason of the
  /// verification when it fails.
  boost::asio::awaitable<result<std::unique_ptr<stream>>> handshake(
      boost::asio::generic::stream_protocol::socket connected, std::string host);

 private:
  result<std::shared_ptr<boost::asio::ssl::context>> context();

  // Made on first use: reading the certificates takes milliseconds that most processes never need.
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace nine::environment
