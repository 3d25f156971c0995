#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/environment/environment.hpp"
#include "simulation/environment/simulated_clock.hpp"
#include "simulation/environment/simulated_locks.hpp"
#include "simulation/environment/simulated_network.hpp"
#include "simulation/environment/simulated_notifications.hpp"
#include "simulation/environment/simulated_random.hpp"
#include "simulation/environment/simulated_termination.hpp"
#include "simulation/environment/simulated_worker.hpp"
#include "simulation/machine/simulated_processes.hpp"

namespace nine::simulation {

class machine;
struct process_record;

/// All a simulated process has of its machine: the seams, as the real environment gives them to a
/// real process, and where it runs.
class process_context {
 public:
  process_context(machine& host, process_record& record, random_stream random);

  boost::asio::any_io_executor executor() { return lane_.executor(); }
  const environment::process_identity& self() const;
  const std::vector<std::string>& arguments() const;
  /// The value of a variable of its environment; empty when it has none.
  std::string variable(std::string_view name) const;

  environment::bundle bundle();
  environment::clock& clock() { return clock_; }
  environment::random& random() { return random_; }
  environment::files& files() { return files_; }
  simulated_network& network() { return network_; }
  environment::processes& processes() { return processes_; }
  environment::locks& locks() { return locks_; }
  environment::notifications& notifications() { return notifications_; }

  /// From the first call on SIGTERM and SIGINT are heard instead of ending the process.
  simulated_termination& termination();
  bool hears_termination() const { return termination_.has_value(); }

  std::unique_ptr<environment::worker> make_worker();

  /// To its log, as far as the disk takes it.
  void write_output(std::string_view text);

  /// What no real process has: for simulated programs, not for code under test.
  machine& host() { return host_; }
  process_record& record() { return record_; }
  lane& process_lane() { return lane_; }

 private:
  machine& host_;
  process_record& record_;
  lane& lane_;
  random_stream seed_;
  std::uint64_t workers_ = 0;
  simulated_clock clock_;
  simulated_random random_;
  simulated_files files_;
  simulated_network network_;
  simulated_processes processes_;
  simulated_locks locks_;
  simulated_notifications notifications_;
  std::optional<simulated_termination> termination_;
};

}  // namespace nine::simulation
