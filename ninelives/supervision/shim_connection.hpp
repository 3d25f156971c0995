#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/network.hpp"
#include "ninelives/supervision/coroutine_scope.hpp"
#include "ninelives/supervision/shim/protocol.hpp"

namespace nine::supervision {

/// The core's end of a connection to a shim. One coroutine receives; sending never waits.
class shim_connection : public std::enable_shared_from_this<shim_connection> {
 public:
  /// A shim that takes nothing is let go when this much waits for it.
  static constexpr bytes waiting_bytes_most = 16 * MiB;

  shim_connection(std::unique_ptr<environment::stream> stream, coroutine_scope& scope);

  /// Says hello. Error `fenced` when the shim serves a newer core.
  boost::asio::awaitable<result<shim::shim_hello>> greet(core_epoch core);

  /// The next event. Errors: unavailable (the other side has ended), protocol_error, io_error,
  /// cancelled.
  boost::asio::awaitable<result<shim::event>> receive();

  /// Messages arrive in order, or the connection ends.
  void send(const shim::request& message);

  void close();

 private:
  static boost::asio::awaitable<void> write_out(std::shared_ptr<shim_connection> self);

  std::unique_ptr<environment::stream> stream_;
  coroutine_scope& scope_;
  shim::frame_reader frames_;
  std::string waiting_;
  bool writing_ = false;
  bool closed_ = false;
};

}  // namespace nine::supervision
