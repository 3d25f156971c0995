#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "simulation/environment/simulated_clock.hpp"
#include "simulation/environment/simulated_disk.hpp"
#include "simulation/environment/simulated_locks.hpp"
#include "simulation/environment/simulated_notifications.hpp"
#include "simulation/environment/switchboard.hpp"
#include "simulation/machine/faults.hpp"
#include "simulation/machine/process_context.hpp"
#include "simulation/machine/process_record.hpp"
#include "simulation/scheduler/scheduler.hpp"

namespace nine::simulation {

/// What a machine tells those who watch it.
class machine_observer {
 public:
  virtual ~machine_observer() = default;
  virtual void process_started(const process_record& process) = 0;
  virtual void process_ended(const process_record& process) = 0;
  /// A process was killed, stopped, continued or signalled by somebody; the machine rebooted.
  virtual void happened(const std::string& what) = 0;
  /// A program ended with an exception: a defect.
  virtual void defect(const process_record& process, const std::string& what) = 0;
};

/// A computer: disk, sockets, processes, clocks. Everything on it runs on one scheduler.
class machine {
 public:
  machine(scheduler& owner, std::uint64_t seed, const program_registry& programs,
          machine_observer& observer);
  ~machine();

  /// Starts a process; its first instruction comes a little later. `parent` may be null: started
  /// by nobody of interest.
  result<process_record*> spawn(const environment::process_specification& specification,
                                process_record* parent);

  /// Ends a process at once, whatever it is doing (SIGKILL).
  void kill(process_record& victim);
  /// Any signal, with its effect.
  void signal(process_record& target, int signal_number);
  /// Ends a process with a status of its own choice; for simulated programs.
  void exit(process_record& leaving, environment::exit_status status);

  /// All processes end, what was not synced is lost, a new boot begins. Call it between two steps.
  void reboot();

  process_record* find(std::int32_t pid);
  process_record* find(const environment::process_identity& identity);
  const process_record* find_ever(const environment::process_identity& identity) const;
  process_record* find_ever(const environment::process_identity& identity);
  std::vector<process_record*> alive();
  /// The living processes of this program, in order of their start.
  std::vector<process_record*> alive(std::string_view program_name);
  const std::vector<std::unique_ptr<process_record>>& ever() const { return records_; }

  bool draw_unknown() { return random_.chance(faults_.probe_unknown); }

  faults& plan() { return faults_; }
  scheduler& owner() { return scheduler_; }
  machine_time& time() { return time_; }
  simulated_disk& disk() { return disk_; }
  switchboard& board() { return board_; }
  lock_table& lock_files() { return locks_; }
  notification_table& notification_paths() { return notifications_; }

  static constexpr std::int32_t pid_first = 300;
  static constexpr std::int32_t pid_last = 699;  ///< few, so that pids come again

 private:
  const program_factory* find_program(const std::string& path) const;
  result<std::int32_t> draw_pid();
  void hand_over(const environment::process_specification& specification, process_record& child);
  void start(process_record& born, const program_factory& factory);
  void run(process_record& record);
  void end(process_record& record, environment::exit_status status);
  void deliver(process_record& target, int signal_number);
  void reap(process_record& record);

  scheduler& scheduler_;
  const program_registry& programs_;
  machine_observer& observer_;
  random_stream random_;
  faults faults_;
  machine_time time_;
  lane& wire_;
  simulated_disk disk_;
  switchboard board_;
  lock_table locks_;
  notification_table notifications_;
  int boots_ = 1;
  std::int32_t last_pid_ = pid_first - 1;
  std::vector<std::unique_ptr<process_record>> records_;
  std::map<std::int32_t, process_record*> by_pid_;
};

}  // namespace nine::simulation
