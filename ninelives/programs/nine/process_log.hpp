#pragma once

#include <exception>
#include <string>

#include "ninelives/environment/real/queued_log_sink.hpp"
#include "ninelives/environment/real/real_log_sink.hpp"
#include "ninelives/programs/nine/composition.hpp"
#include "ninelives/telemetry/logger.hpp"

namespace nine::programs {

/// The log of a process of the home: JSON lines in a bounded file, written by a thread of their
/// own. When stderr goes elsewhere (a terminal, journald), people read the same lines there.
class process_log {
 public:
  /// Begins with who starts, and with what is wrong with the configuration. `role`: guard, core.
  /// `parts` outlives this.
  process_log(composition& parts, const std::string& role, const home_configuration& configuration);

  const telemetry::logger& logger() const { return logger_; }

  /// What was thrown, if anything was, and nobody could handle: our own defect. The process ends
  /// then, and is started again.
  void tell_unhandled(const std::exception_ptr& thrown);

  /// Ends the process as exit_now() does, once the log is written, or soon after if that hangs.
  [[noreturn]] void leave(int code);

 private:
  environment::file_log_sink file_;
  environment::descriptor_log_sink standard_error_;
  environment::queued_log_sink queued_;
  telemetry::logger logger_;
};

}  // namespace nine::programs
