#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"

/// Service notification in systemd's words (sd_notify): a service sends datagrams of "NAME=value"
/// lines such as READY=1, WATCHDOG=1, STATUS=…, STOPPING=1, MAINPID=… to the address in its
/// variable NOTIFY_SOCKET. systemd, our guard and our core all understand the same words, so each
/// can stand in for the other.
namespace nine::environment {

/// The sending side of one service. Thread: any.
class notifier {
 public:
  virtual ~notifier() = default;

  /// Sends lines joined by '\n' as one datagram. Never waits: unavailable when nobody listens,
  /// resource_exhausted when the receiver's queue is full. Losing one is harmless by design
  /// (beats repeat), so callers may ignore the error.
  virtual result<void> notify(std::string_view lines) = 0;
};

/// One datagram and who sent it, as the kernel (not the sender) says.
struct notification {
  std::int32_t sender_pid = 0;
  std::string lines;
  bool operator==(const notification&) const = default;
};

/// The most a datagram may hold; longer ones are dropped.
constexpr std::size_t notification_bytes_most = 4096;

/// The receiving side. Thread: its executor's.
class notification_listener {
 public:
  virtual ~notification_listener() = default;

  /// Waits for the next one. Error: cancelled after close(), io_error.
  virtual boost::asio::awaitable<result<notification>> receive() = 0;

  /// The next one that has arrived already, without waiting: a watchdog reads all beats that queued
  /// up before it judges.
  virtual std::optional<notification> try_receive() = 0;

  /// Ends receive() with error cancelled. May be called more than once.
  virtual void close() = 0;
};

class notifications {
 public:
  virtual ~notifications() = default;

  /// Binds a datagram socket at this path, mode 0600. A stale file is replaced; call it only under
  /// the lock that owns the path.
  virtual result<std::unique_ptr<notification_listener>> listen(
      const std::filesystem::path& path) = 0;

  /// To the value of NOTIFY_SOCKET: an absolute path, or an abstract name that begins with '@'. The
  /// receiver is looked up anew for every message, so it may be replaced meanwhile.
  /// Error: invalid_argument.
  virtual result<std::unique_ptr<notifier>> connect(std::string_view address) = 0;
};

}  // namespace nine::environment
