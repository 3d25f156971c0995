#include "simulation/environment/simulated_notifications.hpp"

#include <fmt/format.h>

#include <utility>

namespace nine::simulation {
namespace {

using environment::notification;

boost::asio::awaitable<result<notification>> receive_from(std::shared_ptr<notification_queue> queue,
                                                          lane& mine) {
  while (true) {
    if (queue->closed) co_return fail(error_code::cancelled, "receive: Operation canceled");
    if (!queue->waiting.empty()) {
      auto first = std::move(queue->waiting.front());
      queue->waiting.pop_front();
      co_return first;
    }
    co_await queue->arrived.wait(mine);
  }
}

class simulated_notification_listener final : public environment::notification_listener {
 public:
  simulated_notification_listener(notification_table& table, lane& mine,
                                  std::shared_ptr<notification_queue> queue)
      : table_(table), lane_(mine), queue_(std::move(queue)) {}
  ~simulated_notification_listener() override { table_.close(*queue_); }

  boost::asio::awaitable<result<notification>> receive() override {
    return receive_from(queue_, lane_);
  }
  std::optional<notification> try_receive() override {
    if (queue_->waiting.empty()) return std::nullopt;
    auto first = std::move(queue_->waiting.front());
    queue_->waiting.pop_front();
    return first;
  }
  void close() override { table_.close(*queue_); }

 private:
  notification_table& table_;
  lane& lane_;
  std::shared_ptr<notification_queue> queue_;
};

class simulated_notifier final : public environment::notifier {
 public:
  simulated_notifier(notification_table& table, std::string path, int pid)
      : table_(table), path_(std::move(path)), pid_(pid) {}

  result<void> notify(std::string_view lines) override {
    return table_.send(path_, notification{pid_, std::string(lines)});
  }

 private:
  notification_table& table_;
  std::string path_;
  int pid_;
};

}  // namespace

result<std::shared_ptr<notification_queue>> notification_table::listen(const std::string& path,
                                                                       int pid) {
  NINE_TRY(disk_.make_entry(path));
  auto queue = std::make_shared<notification_queue>();
  queue->pid = pid;
  queues_[path] = queue;
  return queue;
}

result<void> notification_table::send(const std::string& path, notification message) {
  const auto found = queues_.find(path);
  if (found == queues_.end() || found->second->closed) {
    return fail(error_code::unavailable, fmt::format("notify '{}': nobody listens", path));
  }
  notification_queue& queue = *found->second;
  if (queue.waiting.size() == notification_queue::waiting_most) {
    return fail(error_code::resource_exhausted, fmt::format("notify '{}': queue full", path));
  }
  if (message.lines.size() > environment::notification_bytes_most) return {};
  queue.waiting.push_back(std::move(message));
  queue.arrived.wake_all();
  return {};
}

void notification_table::close(notification_queue& queue) {
  queue.closed = true;
  queue.arrived.wake_all();
}

void notification_table::process_gone(int pid) {
  std::erase_if(queues_, [&](const auto& each) {
    if (each.second->pid == pid) close(*each.second);
    return each.second->pid == pid;
  });
}

result<std::unique_ptr<environment::notification_listener>> simulated_notifications::listen(
    const std::filesystem::path& path) {
  NINE_TRY_ASSIGN(auto queue, table_.listen(path.string(), owner_.pid));
  return std::make_unique<simulated_notification_listener>(table_, owner_.process,
                                                           std::move(queue));
}

result<std::unique_ptr<environment::notifier>> simulated_notifications::connect(
    std::string_view address) {
  if (address.empty() || (address[0] != '/' && address[0] != '@')) {
    return fail(error_code::invalid_argument, fmt::format("no address to notify: '{}'", address));
  }
  return std::make_unique<simulated_notifier>(table_, std::string(address), owner_.pid);
}

}  // namespace nine::simulation
