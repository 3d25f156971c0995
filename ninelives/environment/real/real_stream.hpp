#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>

#include "ninelives/environment/network.hpp"

namespace nine::environment {

/// A connected Unix or TCP socket.
class real_stream final : public stream {
 public:
  using socket = boost::asio::generic::stream_protocol::socket;

  explicit real_stream(socket connected);
  ~real_stream() override;

  boost::asio::awaitable<result<std::size_t>> read_some(std::span<char> buffer) override;
  boost::asio::awaitable<result<void>> write(std::string_view data) override;
  std::size_t write_now(std::string_view data) override;
  void close() override;

  /// The descriptor, still owned by the stream; -1 when closed.
  int native_handle() const;

 private:
  // Shared with pending operations: they end after close(), perhaps after this object.
  std::shared_ptr<socket> socket_;
};

}  // namespace nine::environment
