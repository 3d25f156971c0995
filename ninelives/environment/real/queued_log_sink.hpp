#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "ninelives/base/time.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/environment/log_sink.hpp"

namespace nine::environment {

/// Hands lines to a thread of its own, so that whoever logs never waits for a disk: a full or a
/// hung one stops the log and nothing else. The first line is written at once; those that follow
/// within `gathering_pause` together, with an end between them, for in a storm of them to wake a
/// thread for each takes more than to write it. What the target refuses is offered again after a
/// pause, and what of it was written then stands there twice; beyond `queued_bytes_most`
/// write_line() says false. Thread: any.
class queued_log_sink final : public log_sink {
 public:
  /// `target` outlives this and is used from this object's thread only.
  explicit queued_log_sink(log_sink& target, duration retry_pause = 1s,
                           duration gathering_pause = 5ms);
  /// Offers each line that waits to the target once more, and ends.
  ~queued_log_sink() override;

  bool write_line(std::string_view line) noexcept override;

  /// For an end in good order: waits until all lines are written, at most `patience`. False: some
  /// are not.
  bool flush(duration patience);

  static constexpr bytes queued_bytes_most = 4 * MiB;
  static constexpr bytes batch_bytes_most = 16 * KiB;

 private:
  std::pair<std::string, std::size_t> batch() const;
  void run();

  log_sink& target_;
  duration retry_pause_;
  duration gathering_pause_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> queue_;
  bytes queued_bytes_ = 0;
  int flushing_ = 0;  ///< how many wait in flush()
  bool waits_for_lines_ = false;
  bool ending_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace nine::environment
