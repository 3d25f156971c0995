#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/async_event.hpp"
#include "ninelives/environment/exit_status.hpp"
#include "ninelives/environment/process_identity.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment {

/// The children of this process: reaps each when it ends and keeps how. Detail of real_processes.
/// Thread: that of the executor.
class child_table : public std::enable_shared_from_this<child_table> {
 public:
  struct child {
    explicit child(const boost::asio::any_io_executor& executor) : pidfd(executor) {}

    process_identity identity;
    boost::asio::posix::stream_descriptor pidfd;
    std::optional<exit_status> exit;
    async_event ended;
  };

  child_table(boost::asio::any_io_executor executor, std::size_t exits_kept_most);

  /// Takes the descriptor over, unless it cannot be watched.
  result<void> add(const process_identity& identity, system::descriptor& pidfd);

  /// Null when it is none of ours, or its exit was told or forgotten.
  std::shared_ptr<child> find(const process_identity& identity) const;

  /// Its exit was told.
  void forget(const process_identity& identity);

  /// Reaps whatever ends from now on, children by adoption, too.
  void reap_everything();

  /// Stops watching. No handler touches the table afterwards.
  void close();

 private:
  void watch(const std::shared_ptr<child>& watched);
  void ended(const std::shared_ptr<child>& which, exit_status exit);
  void wait_for_signal();
  void reap_all_ready();

  boost::asio::any_io_executor executor_;
  std::size_t exits_kept_most_;
  std::map<std::int32_t, std::shared_ptr<child>> children_;
  std::deque<process_identity> untold_;  ///< ended, nobody has asked yet
  std::unique_ptr<boost::asio::signal_set> child_signal_;
};

}  // namespace nine::environment
