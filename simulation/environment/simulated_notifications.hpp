#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "ninelives/environment/notification.hpp"
#include "simulation/environment/simulated_disk.hpp"
#include "simulation/environment/simulated_network.hpp"

namespace nine::simulation {

/// Datagrams that wait for their receiver.
struct notification_queue {
  int pid = 0;
  bool closed = false;
  std::deque<environment::notification> waiting;
  wait_point arrived;
  static constexpr std::size_t waiting_most = 10;  ///< as net.unix.max_dgram_qlen
};

/// Who receives notifications at which path of a machine.
class notification_table {
 public:
  explicit notification_table(simulated_disk& disk) : disk_(disk) {}

  result<std::shared_ptr<notification_queue>> listen(const std::string& path, int pid);
  result<void> send(const std::string& path, environment::notification message);
  void close(notification_queue& queue);
  void process_gone(int pid);

 private:
  simulated_disk& disk_;
  std::map<std::string, std::shared_ptr<notification_queue>> queues_;
};

class simulated_notifications final : public environment::notifications {
 public:
  simulated_notifications(notification_table& table, socket_owner owner)
      : table_(table), owner_(owner) {}

  result<std::unique_ptr<environment::notification_listener>> listen(
      const std::filesystem::path& path) override;
  result<std::unique_ptr<environment::notifier>> connect(std::string_view address) override;

 private:
  notification_table& table_;
  socket_owner owner_;
};

}  // namespace nine::simulation
