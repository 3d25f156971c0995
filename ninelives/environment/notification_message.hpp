#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nine::environment {

/// What a notification says, as far as we understand it. Fields after systemd's sd_notify(3).
struct notification_message {
  bool ready = false;                                ///< READY=1: it has started
  bool beat = false;                                 ///< WATCHDOG=1: it is alive and well
  bool stopping = false;                             ///< STOPPING=1: it is ending by itself
  std::optional<std::string> status = std::nullopt;  ///< STATUS=…: one line for people
  bool operator==(const notification_message&) const = default;
};

/// Understands every input: lines it does not know, or that are not "NAME=value", say nothing.
/// Control characters in the status become spaces.
notification_message parse_notification(std::string_view lines);

}  // namespace nine::environment
