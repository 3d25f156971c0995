#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "ninelives/base/result.hpp"

namespace nine::environment {

/// A connected byte stream. One reader and one writer at a time. Destroying or closing it ends
/// pending operations with error cancelled. Thread: its executor's.
class stream {
 public:
  virtual ~stream() = default;

  /// At least one byte; 0 means the other side has ended its sending in good order.
  virtual boost::asio::awaitable<result<std::size_t>> read_some(std::span<char> buffer) = 0;

  /// All of `data`, or an error.
  virtual boost::asio::awaitable<result<void>> write(std::string_view data) = 0;

  /// How much of `data` was taken without any waiting; the rest, and whatever is wrong, is for
  /// write(). Not while a write() is on its way. A stream that cannot tell takes nothing.
  virtual std::size_t write_now(std::string_view data) {
    static_cast<void>(data);
    return 0;
  }

  /// Ends both directions. May be called more than once.
  virtual void close() = 0;
};

/// A Unix socket in the file system (mode 0600, made by its owner), or TCP.
struct unix_endpoint {
  std::filesystem::path path;
};
struct tcp_endpoint {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;  ///< verified against the system's certificates and `host`
};
using endpoint = std::variant<unix_endpoint, tcp_endpoint>;

/// A bound, listening socket. It can be handed to a child process
/// (process_specification::listeners).
class listener {
 public:
  virtual ~listener() = default;
  virtual boost::asio::awaitable<result<std::unique_ptr<stream>>> accept() = 0;
  virtual void close() = 0;

  /// Where it listens; a TCP port of 0 has become the real one.
  virtual endpoint local_endpoint() const = 0;
};

class network {
 public:
  virtual ~network() = default;

  virtual boost::asio::awaitable<result<std::unique_ptr<stream>>> connect(
      const endpoint& remote) = 0;

  /// Binds and listens. A stale Unix socket file is replaced; call it only under the lock that owns
  /// the path.
  virtual result<std::unique_ptr<listener>> listen(const endpoint& local) = 0;

  /// A listening socket received from the parent under this name (LISTEN_FDS, LISTEN_FDNAMES). Each
  /// can be taken once. Error: not_found.
  virtual result<std::unique_ptr<listener>> take_inherited(std::string_view name) = 0;
};

}  // namespace nine::environment
