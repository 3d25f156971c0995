#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>

#include "ninelives/environment/notification.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment {

/// Datagrams over Unix sockets; the sender's pid comes from the kernel (SO_PASSCRED).
class real_notification_listener : public notification_listener {
 public:
  /// Takes a bound datagram socket with SO_PASSCRED on.
  real_notification_listener(const boost::asio::any_io_executor& executor,
                             system::descriptor bound);
  ~real_notification_listener() override;

  boost::asio::awaitable<result<notification>> receive() override;
  std::optional<notification> try_receive() override;
  void close() override;

 private:
  std::shared_ptr<boost::asio::posix::stream_descriptor> descriptor_;
};

class real_notifications : public notifications {
 public:
  explicit real_notifications(boost::asio::any_io_executor executor);

  result<std::unique_ptr<notification_listener>> listen(const std::filesystem::path& path) override;
  result<std::unique_ptr<notifier>> connect(std::string_view address) override;

 private:
  boost::asio::any_io_executor executor_;
};

}  // namespace nine::environment
