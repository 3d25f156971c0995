#include "ninelives/environment/notification_message.hpp"

#include <algorithm>

namespace nine::environment {
namespace {

std::string printable(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(
      line, [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }, ' ');
  return line;
}

void read_line(std::string_view line, notification_message& message) {
  if (line == "READY=1") message.ready = true;
  if (line == "WATCHDOG=1") message.beat = true;
  if (line == "STOPPING=1") message.stopping = true;
  constexpr std::string_view status = "STATUS=";
  if (line.starts_with(status)) message.status = printable(line.substr(status.size()));
}

}  // namespace

notification_message parse_notification(std::string_view lines) {
  notification_message message;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    read_line(lines.substr(0, end), message);
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return message;
}

}  // namespace nine::environment
