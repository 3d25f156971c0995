#include "ninelives/command_line/log_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <map>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "ninelives/base/printable.hpp"
#include "ninelives/base/utf8.hpp"
#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/command_line/home_commands.hpp"
#include "ninelives/command_line/log_follower.hpp"
#include "ninelives/command_line/report.hpp"

namespace nine::command_line {
namespace {

namespace asio = boost::asio;

constexpr duration patience = 60s;
constexpr duration pause_between_looks = 250ms;

/// Lines of several logs by their time; those of the same time in the order they were added. What
/// is not JSON (the last words of a dying process) belongs behind the line before it.
using timed_lines = std::multimap<std::string, std::string>;

void add_timed(timed_lines& all, std::vector<std::string> lines) {
  std::string time;
  for (auto& line : lines) {
    boost::json::error_code problem;
    const auto value = boost::json::parse(line, problem);
    const auto* object = problem ? nullptr : value.if_object();
    const auto* stamp = object ? object->if_contains("ts") : nullptr;
    if (stamp && stamp->is_string()) time = stamp->get_string();
    all.emplace(time, std::move(line));
  }
}

void print(terminal& terminal, const timed_lines& lines, std::size_t most) {
  const auto left_out = static_cast<std::ptrdiff_t>(lines.size() - std::min(lines.size(), most));
  for (const auto& [time, line] : lines | std::views::drop(left_out))
    terminal.out(terminal.json ? log_json(line, time) : log_line(line));
}

/// How much of each stream of each life was printed.
using shown_parts = std::map<std::string, std::size_t>;

struct log_part {
  std::string child;
  std::int64_t epoch = 0;
  std::string stream;
  std::string text;
};

std::string shown_part(const log_part& part) {
  return fmt::format("== {} (life {}){} ==\n{}{}", printable(part.child), part.epoch,
                     part.stream == "errors" ? ", stderr" : "", part.text,
                     part.text.ends_with('\n') ? "" : "\n");
}

std::string json_part(const log_part& part) {
  const boost::json::object object{{"child", part.child},
                                   {"epoch", part.epoch},
                                   {"stream", part.stream},
                                   {"text", as_utf8(part.text)}};
  return boost::json::serialize(object) + "\n";
}

void print_added(terminal& terminal, const boost::json::object& answer, shown_parts& shown) {
  for (const auto& entry : answer.at("logs").as_array()) {
    const auto& log = entry.as_object();
    log_part part{.child = std::string(log.at("child").as_string()),
                  .epoch = log.at("epoch").to_number<std::int64_t>()};
    for (const std::string stream : {"output", "errors"}) {
      const auto from = log.at(stream + "_from").to_number<std::size_t>();
      auto& done = shown[fmt::format("{} {} {}", part.child, part.epoch, stream)];
      part.stream = stream;
      part.text = added_text(std::string_view(log.at(stream).as_string()), from, done);
      if (part.text.empty()) continue;
      terminal.out(terminal.json ? json_part(part) : shown_part(part));
    }
  }
}

}  // namespace

asio::awaitable<int> home_logs(terminal& terminal, client_seams seams, home_log_request request) {
  std::vector<log_follower> logs;
  for (const auto& file : request.files)
    logs.emplace_back(seams.environment.files, file);
  timed_lines lines;
  for (auto& log : logs)
    add_timed(lines, log.last_lines(request.lines));
  if (lines.empty() && !request.follow)
    terminal.err("nine: nothing is logged yet; 'nine up' starts the home\n");
  print(terminal, lines, request.lines);
  while (request.follow) {
    co_await seams.environment.clock.sleep_for(pause_between_looks);
    timed_lines added;
    for (auto& log : logs)
      add_timed(added, log.added_lines());
    const auto all = added.size();
    print(terminal, added, all);
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
