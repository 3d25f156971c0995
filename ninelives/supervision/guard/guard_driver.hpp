#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/supervision/guard/guard.hpp"

namespace nine::supervision::guard {

/// The coroutines and seams around guard_core; see run(). Every event is fed to the core at once
/// and its actions are done before the next, all on one executor.
class guard_driver : public std::enable_shared_from_this<guard_driver> {
 public:
  guard_driver(guard_options options, guard_seams seams);

  boost::asio::awaitable<int> run();

  /// After run(): the lock of the home, which else is let go with this object.
  std::unique_ptr<environment::exclusive_lock> take_lock() { return std::move(lock_); }

 private:
  // What happens once, before the first service starts.
  result<void> take_home();
  boost::asio::awaitable<bool> wait_for_home();
  result<void> take_sockets();
  bool handed_sockets_are_old();
  bool sockets_stand();
  bool stands(const std::filesystem::path& socket);
  result<void> open_notifications();
  bool stopped_home();
  bool refused_home();
  bool removed_home();

  // Coroutines; the first ends when the guard has finished, the others never.
  boost::asio::awaitable<void> keep_time();
  /// False when only a new guard can put them back.
  bool keep_sockets();
  void give_way();
  boost::asio::awaitable<void> hear_notifications();
  boost::asio::awaitable<void> hear_termination();
  static boost::asio::awaitable<void> watch(std::shared_ptr<guard_driver> self,
                                            service_index service,
                                            environment::process_identity process);

  void feed(guard_event event);
  void perform(const spawn_service& action);
  void perform(const signal_service& action);
  void perform(const report& action);

  /// A process that plays the service already. Unknown (a lock without a name) is an error.
  result<std::optional<environment::process_identity>> find_running(service_index service);
  result<environment::process_identity> spawn(service_index service);
  result<void> bind_sockets();
  std::vector<std::string> environment_of(const service_command& command) const;

  void watch_process(service_index service, const environment::process_identity& process);
  void hear_what_queued_up();
  void tell_init_system();

  guard_options options_;
  guard_seams seams_;
  guard_core core_;
  boost::asio::any_io_executor executor_;
  environment::process_identity self_;
  std::string home_key_;
  std::unique_ptr<environment::exclusive_lock> lock_;
  std::unique_ptr<environment::listener> control_;
  std::unique_ptr<environment::listener> agent_;
  std::unique_ptr<environment::notification_listener> notifications_;
  std::unique_ptr<environment::notifier> init_system_;  ///< null: nobody guards the guard
  monotonic_time told_init_system_{};
  std::deque<guard_event> events_;
  bool feeding_ = false;
  bool sockets_lost_ = false;
  /// When what stands in the sockets' places was made: another time, another's socket.
  std::map<std::filesystem::path, wall_time> sockets_made_;
  std::optional<service_index> serves_alone_;  ///< adopted with sockets that we do not hold
  environment::async_event changed_;           ///< there may be a new next_wakeup()
};

}  // namespace nine::supervision::guard
