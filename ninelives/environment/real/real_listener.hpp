#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>

#include "ninelives/environment/network.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment {

/// A listening Unix or TCP socket. Closing it leaves a Unix socket's file behind; the next listen()
/// replaces it. Several processes may share the socket: each connection goes to one of them.
class real_listener final : public listener {
 public:
  real_listener(const boost::asio::any_io_executor& executor, system::descriptor listening,
                endpoint local);
  ~real_listener() override;

  /// Error resource_exhausted when descriptors run out: wait a little before the next try, the
  /// connection stays queued. Error cancelled when closed.
  boost::asio::awaitable<result<std::unique_ptr<stream>>> accept() override;
  void close() override;
  endpoint local_endpoint() const override { return local_; }

  /// The descriptor, still owned by the listener; -1 when closed.
  int native_handle() const;

 private:
  std::shared_ptr<boost::asio::posix::stream_descriptor> descriptor_;
  endpoint local_;
};

}  // namespace nine::environment
