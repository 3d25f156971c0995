#pragma once

#include <deque>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/real/system/cgroup.hpp"
#include "ninelives/environment/real/system/event_loop.hpp"
#include "ninelives/environment/real/system/held_directory.hpp"
#include "ninelives/environment/real/system/log_file.hpp"
#include "ninelives/environment/real/system/spawn_process.hpp"
#include "ninelives/environment/real/system/unix_socket.hpp"
#include "ninelives/supervision/shim/output_pipes.hpp"
#include "ninelives/supervision/shim/shim_core.hpp"

namespace nine::supervision::shim {

struct shim_options {
  std::string directory;      ///< the shim's own, made by the core
  std::string home;           ///< empty: this shim starts no guard
  std::string guard_program;  ///< run as `PROGRAM guard` with NINE_HOME; empty: none is started
  core_epoch core_least;      ///< see shim_settings
  std::vector<std::string> environment;  ///< of this process: what a guard inherits
};

/// Runs a shim_core on the kernel: one listening socket, one agent at a time, one thread. It is a
/// subreaper, so nothing of the agent's tree escapes it, and "no children left" proves that all is
/// gone. In its directory it keeps `exit` (see ending_record.hpp).
class shim_driver {
 public:
  static result<std::unique_ptr<shim_driver>> create(shim_options options,
                                                     environment::system::unix_listener listener);

  /// Until the shim ends, in good order or because the kernel refuses to let it wait for events.
  result<void> run();

 private:
  struct connection {
    environment::system::unix_stream stream;
    environment::system::event_loop::watch_id watch = 0;
    frame_reader frames;
    std::string unsent;
    bool waits_for_room = false;
  };

  shim_driver(shim_options options, shim_settings settings,
              environment::system::held_directory directory,
              environment::system::unix_listener listener, environment::system::event_loop loop);
  result<void> begin();

  void feed(shim_input input);
  void perform(spawn_agent&& what);
  void perform(const signal_agent& what);
  void perform(const kill_tree& what);
  void perform(const drain_output& what);
  void perform(const persist_ending& what);
  void perform(const forget_endings& what);
  void perform(const send_event& what);
  void perform(const close_connection& what);
  void perform(const start_guard& what);
  void perform(const finish& what);

  void on_connect();
  void on_ready(connection_id id);
  void take_frames(connection_id id);
  void write_unsent(connection_id id);
  void connection_lost(connection_id id);
  void on_signal(int signal_number);
  void reap();

  std::expected<environment::system::spawned_process, environment::system::spawn_failure>
  start_agent(const start& wanted);
  environment::process_identity identify(const environment::system::spawned_process& born);
  void limit_memory(bytes most);
  void renew_cgroup();
  void tell_cgroup();
  bool guard_is_wanted() const;

  shim_options options_;
  environment::system::held_directory directory_;
  environment::system::event_loop loop_;
  environment::system::unix_listener listener_;
  shim_core core_;
  output_pipes output_;
  std::optional<environment::system::cgroup> cgroup_;
  environment::system::log_file endings_;

  std::map<connection_id, connection> connections_;
  connection_id last_connection_ = 0;
  std::deque<shim_input> inputs_;
  bool feeding_ = false;

  /// Nothing here ignores another one later.
  const std::uint64_t ignored_signals_ = environment::system::ignored_signals();
  pid_t agent_ = 0;  ///< main process, 0 once reaped
  bool agent_in_cgroup_ = false;
  bool clock_tells_start_time_ = false;  ///< it did, as /proc told
  bool agent_recorded_ = false;          ///< who it is stands in a file, for want of a cgroup
  bool cgroup_used_up_ = false;          ///< cgroup.kill was written: nothing may be born into it
  std::string told_cgroup_;              ///< what stands in the file
  bool tree_killed_before_ = false;
  bytes memory_limit_ = 0;
  bool finished_ = false;
};

}  // namespace nine::supervision::shim
