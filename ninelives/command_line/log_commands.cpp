#include "ninelives/command_line/log_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/command_line/home_commands.hpp"
#include "ninelives/command_line/log_follower.hpp"
#include "ninelives/command_line/report.hpp"

namespace nine::command_line {
namespace {

namespace asio = boost::asio;

constexpr duration patience = 60s;
constexpr duration pause_between_looks = 250ms;

/// A line with its time, for putting the lines of several logs in order. What is not JSON (the last
/// words of a dying process) belongs behind the line before it.
struct timed_line {
  std::string time;
  std::string line;
};

void add_timed(std::vector<timed_line>& all, std::vector<std::string> lines) {
  std::string time;
  for (auto& line : lines) {
    boost::json::error_code problem;
    const auto value = boost::json::parse(line, problem);
    const auto* object = problem ? nullptr : value.if_object();
    const auto* stamp = object ? object->if_contains("ts") : nullptr;
    if (stamp && stamp->is_string()) time = stamp->get_string();
    all.push_back({time, std::move(line)});
  }
}

void print(terminal& terminal, std::vector<timed_line> lines, std::size_t most) {
  std::ranges::stable_sort(lines, {}, &timed_line::time);
  if (lines.size() > most) lines.erase(lines.begin(), lines.end() - static_cast<long>(most));
  for (const auto& [time, line] : lines)
    terminal.out(terminal.json ? line + "\n" : log_line(line));
}

/// How much of each stream of each life was printed.
using shown_parts = std::map<std::string, std::size_t>;

void print_added(terminal& terminal, const boost::json::object& answer, shown_parts& shown) {
  for (const auto& entry : answer.at("logs").as_array()) {
    const auto& log = entry.as_object();
    const auto life = fmt::format("{} (life {})", std::string_view(log.at("child").as_string()),
                                  log.at("epoch").to_number<std::int64_t>());
    for (const std::string stream : {"output", "errors"}) {
      const auto from = log.at(stream + "_from").to_number<std::size_t>();
      auto& done = shown[life + stream];
      const auto text = added_text(std::string_view(log.at(stream).as_string()), from, done);
      if (text.empty()) continue;
      const auto name = stream == "errors" ? ", stderr" : "";
      terminal.out(
          fmt::format("== {}{} ==\n{}{}", life, name, text, text.ends_with('\n') ? "" : "\n"));
    }
  }
}

}  // namespace

asio::awaitable<int> home_logs(terminal& terminal, client_seams seams, home_log_request request) {
  std::vector<log_follower> logs;
  for (const auto& file : request.files)
    logs.emplace_back(seams.environment.files, file);
  std::vector<timed_line> lines;
  for (auto& log : logs)
    add_timed(lines, log.last_lines(request.lines));
  if (lines.empty() && !request.follow)
    terminal.err("nine: nothing is logged yet; 'nine up' starts the home\n");
  print(terminal, std::move(lines), request.lines);
  while (request.follow) {
    co_await seams.environment.clock.sleep_for(pause_between_looks);
    std::vector<timed_line> added;
    for (auto& log : logs)
      add_timed(added, log.added_lines());
    const auto all = added.size();
    print(terminal, std::move(added), all);
  }
  co_return exit_succeeded;
}

asio::awaitable<int> task_logs(control_client& client, terminal& terminal, client_seams seams,
                               std::string id, bool follow) {
  const auto target = fmt::format("/v1/tasks/{}/logs", id);
  if (!follow) co_return co_await show(client, terminal, target, log_text);
  tell_waiting(client, terminal);
  shown_parts shown;
  for (;;) {
    const auto answer = co_await client.call("GET", target, "", patience);
    if (!answer) co_return refuse(terminal, answer.error());
    const auto& logs = answer->as_object();
    print_added(terminal, logs, shown);
    if (logs.at("ended").as_bool()) co_return exit_succeeded;
    co_await seams.environment.clock.sleep_for(pause_between_looks);
  }
}

}  // namespace nine::command_line
