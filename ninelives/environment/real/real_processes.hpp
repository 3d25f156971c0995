#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "ninelives/environment/processes.hpp"
#include "ninelives/environment/real/child_table.hpp"

namespace nine::environment {

/// Processes of the operating system. Children are reaped as soon as they end, whether anybody
/// waits or not; their exit is kept for a later wait(), for the last `exits_kept_most` of them.
/// Listeners to hand over must be real_listener. Thread: that of the executor.
///
/// The watch on a living child counts as work of the executor's context: its run() returns when
/// stopped, not by itself.
class real_processes final : public processes {
 public:
  explicit real_processes(boost::asio::any_io_executor executor);
  ~real_processes() override;

  process_identity self() override;
  result<process_identity> spawn(const process_specification& specification) override;
  result<process_identity> identify(std::int32_t pid) override;
  liveness probe(const process_identity& process) override;
  result<void> signal(const process_identity& process, int signal_number) override;
  boost::asio::awaitable<exit_status> wait(const process_identity& process) override;
  result<std::vector<process_identity>> find_marked(std::string_view marker) override;
  result<void> adopt_orphans() override;

  static constexpr std::size_t exits_kept_most = 1024;

 private:
  result<process_identity> keep(std::int32_t pid, system::descriptor& pidfd);
  boost::asio::awaitable<exit_status> wait_for_stranger(process_identity process);

  boost::asio::any_io_executor executor_;
  std::shared_ptr<child_table> children_;
};

}  // namespace nine::environment
