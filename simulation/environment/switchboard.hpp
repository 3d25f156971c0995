#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ninelives/environment/network.hpp"
#include "simulation/environment/simulated_disk.hpp"
#include "simulation/environment/simulated_stream.hpp"
#include "simulation/machine/faults.hpp"
#include "simulation/scheduler/random_stream.hpp"
#include "simulation/scheduler/scheduler.hpp"

namespace nine::simulation {

/// A listening socket as the kernel has it: it lives as long as any process holds a descriptor of
/// it, and so do the connections that wait in it.
struct listening_socket {
  environment::endpoint where;
  std::string name;          ///< as connect() looks it up; empty once another took the name over
  std::map<int, int> holds;  ///< descriptors by pid
  std::deque<std::shared_ptr<connection_end>> waiting;
  wait_point changed;
  bool open() const { return !holds.empty(); }
};

/// The kernel's side of all sockets of a machine.
class switchboard {
 public:
  switchboard(scheduler& owner, lane& wire, random_stream random, const faults& plan,
              simulated_disk& disk);

  result<std::shared_ptr<listening_socket>> listen(const environment::endpoint& where, int pid);
  void hold(const std::shared_ptr<listening_socket>& socket, int pid);
  void release(const std::shared_ptr<listening_socket>& socket, int pid);

  /// The connecting end; the other one waits in the socket's queue.
  result<std::shared_ptr<connection_end>> connect(const environment::endpoint& remote, int pid);

  /// Remembers whose it is, so that the end of the process ends the connection.
  void own(const std::shared_ptr<connection_end>& end, int pid);

  /// The kernel closes what a dead process had open.
  void process_gone(int pid);

  /// Breaks every connection this process has.
  void cut(int pid);

  duration draw_delay() { return random_.between(1us, faults_.wire_delay_most); }

  static constexpr std::size_t waiting_most = 128;

 private:
  using owned_end = std::pair<int, std::weak_ptr<connection_end>>;

  std::shared_ptr<listening_socket> find(std::string_view name) const;
  void close_if_unheld(const std::shared_ptr<listening_socket>& socket);
  void forget_ended();

  scheduler& scheduler_;
  lane& wire_;
  random_stream random_;
  const faults& faults_;
  simulated_disk& disk_;
  std::uint16_t last_port_ = 20'000;
  std::uint64_t pipes_ = 0;
  std::vector<std::shared_ptr<listening_socket>> sockets_;
  std::vector<owned_end> ends_;
};

}  // namespace nine::simulation
