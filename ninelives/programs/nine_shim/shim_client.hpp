#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ninelives/environment/real/system/spawn_process.hpp"
#include "ninelives/environment/real/system/unix_socket.hpp"
#include "ninelives/supervision/shim/protocol.hpp"

/// Test only: drives the shipped nine-shim over its socket, blocking, with a deadline on each wait.
namespace nine::supervision::shim::testing {

/// One connection to a shim. Every call fails the process after `patience`.
class shim_client {
 public:
  static constexpr auto patience = std::chrono::seconds(60);

  shim_client(const std::string& directory, core_epoch core,
              std::uint32_t version = protocol_version);

  void send(const request& message);
  event receive();
  /// The next event, which must be a T.
  template <class T>
  T expect() {
    return std::get<T>(receive());
  }
  /// Whether the shim has closed the connection (waits for it or for an event).
  bool closed();

  shim_hello hello;  ///< the answer to the first message; refused leaves it empty
  std::string refusal;

 private:
  bool wait_for_bytes();

  environment::system::unix_stream stream_;
  frame_reader frames_;
};

/// A shim of its own in a directory of its own, both ended with this object.
class running_shim {
 public:
  explicit running_shim(std::vector<std::string> environment = {});
  ~running_shim();
  running_shim(const running_shim&) = delete;
  running_shim& operator=(const running_shim&) = delete;

  const std::string& directory() const { return directory_; }
  environment::process_identity identity() const { return identity_; }
  shim_client connect(std::int64_t core = 1, std::uint32_t version = protocol_version) const {
    return {directory_, core_epoch(core), version};
  }

  /// Starts another shim in the same directory, after this one's end.
  void begin();

  /// Runs a shell script as agent; its output goes to DIR/out and DIR/err.
  start script(std::int64_t incarnation, const std::string& text) const;
  std::string file(const std::string& name) const;
  void kill(int signal_number) const;
  /// Waits until the shim has ended and is reaped.
  environment::exit_status wait();

 private:
  void remove_cgroup() const;

  std::vector<std::string> environment_;
  std::string directory_;
  environment::process_identity identity_;
  environment::system::descriptor pidfd_;
  bool reaped_ = false;
};

}  // namespace nine::supervision::shim::testing
