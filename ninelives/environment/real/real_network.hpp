#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <vector>

#include "ninelives/environment/network.hpp"
#include "ninelives/environment/real/inherited_sockets.hpp"
#include "ninelives/environment/real/tls.hpp"

namespace nine::environment {

/// Sockets of the operating system. Everything it makes is close-on-exec, streams are real_stream
/// (TLS excepted) and listeners real_listener. Thread: that of the executor.
class real_network final : public network {
 public:
  explicit real_network(boost::asio::any_io_executor executor,
                        std::vector<inherited_socket> inherited = {});

  /// No time-out of its own: race it against the clock. Error: unavailable with the reason.
  boost::asio::awaitable<result<std::unique_ptr<stream>>> connect(const endpoint& remote) override;

  /// A TCP host is an IP address or "localhost" (which means 127.0.0.1). TLS is refused.
  result<std::unique_ptr<listener>> listen(const endpoint& local) override;
  result<std::unique_ptr<listener>> take_inherited(std::string_view name) override;

 private:
  using socket = boost::asio::generic::stream_protocol::socket;
  using address = boost::asio::generic::stream_protocol::endpoint;

  boost::asio::awaitable<result<std::unique_ptr<stream>>> connect_unix(unix_endpoint remote);
  boost::asio::awaitable<result<std::unique_ptr<stream>>> connect_tcp(tcp_endpoint remote);

  boost::asio::any_io_executor executor_;
  std::vector<inherited_socket> inherited_;
  tls_connector tls_;
};

}  // namespace nine::environment
