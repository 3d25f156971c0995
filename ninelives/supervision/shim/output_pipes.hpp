#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ninelives/base/result.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"
#include "ninelives/environment/real/system/event_loop.hpp"
#include "ninelives/environment/real/system/log_file.hpp"

namespace nine::supervision::shim {

/// Takes what an agent writes to stdout and stderr and puts it into its log files. The agent never
/// waits for a reader of the logs, and never for a disk that is full.
class output_pipes {
 public:
  explicit output_pipes(environment::system::event_loop& loop) : loop_(loop) {}
  ~output_pipes() { close(); }
  output_pipes(const output_pipes&) = delete;
  output_pipes& operator=(const output_pipes&) = delete;

  /// Opens the pipes; each file is made by its first byte. Equal paths share one pipe, so their
  /// order is kept; an empty path is /dev/null.
  result<void> open(const std::string& stdout_file, const std::string& stderr_file,
                    bytes log_bytes_most);

  /// What the agent gets as its 1 and 2; valid until begin().
  int stdout_for_agent() const;
  int stderr_for_agent() const;

  /// The agent has its ends: ours are closed, and reading begins.
  void begin();

  struct totals {
    bytes received = 0;     ///< since open(), of both
    bytes stdout_lost = 0;  ///< of those, what the file of stdout did not take
  };
  /// Everybody who could write is gone: writes what is still in the pipes and closes them.
  totals drain();

  void close();

 private:
  struct channel {
    environment::system::descriptor read_end, write_end;
    std::optional<environment::system::log_file> log;
    environment::system::event_loop::watch_id watch = 0;
  };

  void choose_log(channel& which, const std::string& path, bytes log_bytes_most);
  result<void> open_pipe(channel& which);
  /// False at the end or when nothing is there.
  bool take_piece(channel& which, bool& ended);
  void on_readable(channel& which);
  void stop_reading(channel& which);

  environment::system::event_loop& loop_;
  std::array<channel, 2> channels_;
  bool merged_ = false;
  bytes received_ = 0;
  bytes stdout_lost_before_ = 0;
  std::array<char, 32 * 1024> buffer_;
};

}  // namespace nine::supervision::shim
