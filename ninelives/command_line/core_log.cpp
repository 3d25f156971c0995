#include "ninelives/command_line/core_log.hpp"

#include <boost/json.hpp>

#include "ninelives/base/json_text.hpp"
#include "ninelives/command_line/log_follower.hpp"

namespace nine::command_line {

std::string last_error_in(const std::vector<std::string>& lines) {
  std::string last;
  for (const auto& line : lines) {
    boost::json::error_code problem;
    const auto value = boost::json::parse(line, problem);
    if (problem || !value.is_object()) {
      if (!line.empty()) last = line;  // a process's last words
      continue;
    }
    const auto& entry = value.get_object();
    if (text_in(entry, "event") == "core_ready") last.clear();
    if (text_in(entry, "level") == "error" && !entry.contains("task"))
      last = text_in(entry, "message");
  }
  return last;
}

std::string last_core_error(environment::files& files, const home::home_layout& layout) {
  constexpr std::size_t lines_looked_at = 200;
  log_follower log(files, layout.logs() / "core.log");
  return last_error_in(log.last_lines(lines_looked_at));
}

}  // namespace nine::command_line
