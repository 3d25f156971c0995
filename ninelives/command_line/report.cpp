#include "ninelives/command_line/report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <ctime>
#include <vector>

#include "ninelives/base/printable.hpp"
#include "ninelives/base/utf8.hpp"

namespace nine::command_line {
namespace {

using boost::json::array;
using boost::json::object;

/// What an agent delivered or printed: that stays as it is.
std::string raw_text(const object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  if (!value || value->is_null()) return "";
  if (value->is_string()) return std::string(value->get_string());
  return boost::json::serialize(*value);
}

/// Everything else is told by us, with words of agents, models and users in it.
std::string text(const object& from, std::string_view name) {
  return printable(raw_text(from, name));
}

std::int64_t number(const object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  boost::json::error_code problem;
  return value ? value->to_number<std::int64_t>(problem) : 0;
}

const array& list(const object& from, std::string_view name) {
  static const array none;
  const auto* value = from.if_contains(name);
  return value && value->is_array() ? value->get_array() : none;
}

std::string joined(const array& texts) {
  std::string all;
  for (const auto& one : texts) {
    if (!one.is_string()) continue;
    all += (all.empty() ? "" : ", ") + printable(one.get_string());
  }
  return all;
}

/// One line of at most `width` bytes, cut between characters.
std::string line(const std::string& value, std::size_t width) {
  constexpr std::string_view cut = "...";
  auto one = printable_line(value);
  if (one.size() <= width) return one;
  return std::string(utf8_prefix(one, width - cut.size())).append(cut);
}

std::string elapsed(std::int64_t milliseconds) {
  if (milliseconds < 10'000)
    return fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1000);
  if (milliseconds < 120'000) return fmt::format("{} s", milliseconds / 1000);
  return fmt::format("{} min", milliseconds / 60'000);
}

/// With the day: what runs may do so for weeks.
std::string date_and_time(std::int64_t milliseconds) {
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(seconds));
}

std::string clock_time(std::int64_t milliseconds) {
  return fmt::format("{}.{:03}", date_and_time(milliseconds), milliseconds % 1000);
}

/// "2026-11-22T05:18:54.123Z" in the zone of who reads it, as clock_time() shows other times.
std::string log_time(const std::string& stamp) {
  std::tm parts{};
  int milliseconds = 0;
  if (std::sscanf(stamp.c_str(), "%d-%d-%dT%d:%d:%d.%dZ", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec,
                  &milliseconds) != 7) {
    return stamp;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return clock_time(std::int64_t{::timegm(&parts)} * 1000 + milliseconds);
}

/// Rows under headings, each column as wide as its widest cell.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], row[column].size());
    }
  }
  std::string drawn;
  for (const auto& row : rows) {
    std::string one;
    for (std::size_t column = 0; column < row.size(); ++column)
      one += fmt::format("{:<{}}  ", row[column], widths[column]);
    one.erase(one.find_last_not_of(' ') + 1);
    drawn += one + "\n";
  }
  return drawn;
}

std::string attempt_lines(const object& task) {
  std::string lines;
  for (const auto& entry : list(task, "history")) {
    const auto& attempt = entry.as_object();
    lines +=
        fmt::format("  attempt {} by {}: {}\n", number(attempt, "attempt"), text(attempt, "agent"),
                    attempt.contains("outcome") ? text(attempt, "outcome") : "running");
    if (const auto reason = text(attempt, "reason"); !reason.empty())
      lines += fmt::format("    {}\n", line(reason, 300));
    for (const auto& judged : list(attempt, "checks")) {
      const auto& check = judged.as_object();
      const bool passed = check.contains("passed") && check.at("passed").as_bool();
      lines += fmt::format("    {} {}: {}\n", passed ? "passed" : "FAILED", text(check, "name"),
                           line(text(check, "evidence"), 300));
    }
  }
  return lines;
}

std::string since(const object& process) {
  const auto at = number(process, "since_ms");
  return at == 0 ? "-" : date_and_time(at);
}

std::string heartbeat(const object& process) {
  const auto* age = process.if_contains("heartbeat_age_ms");
  if (!age || age->is_null()) return "-";
  return fmt::format("{} ago", elapsed(number(process, "heartbeat_age_ms")));
}

/// Lines about a nine.yaml that was refused; none when all is well.
std::string configuration_trouble(const object& status) {
  const auto* read = status.if_contains("configuration");
  if (!read || !read->is_object()) return "";
  const auto at_start = text(read->get_object(), "refused_at_start");
  const auto now = text(read->get_object(), "refused_now");
  std::string told;
  if (!at_start.empty())
    told +=
        "CONFIGURATION refused when the core started, the built-in one holds: " + at_start + "\n";
  if (!now.empty() && now != at_start) told += "CONFIGURATION would be refused now: " + now + "\n";
  if (!at_start.empty() && now.empty())
    told += "it is right now; end the core ('kill PID'), the next one reads it, agents go on\n";
  return told;
}

}  // namespace

std::string end_line(const object& task) {
  const auto missing = joined(list(task, "missing"));
  const auto without = missing.empty() ? std::string() : fmt::format(" (without: {})", missing);
  return fmt::format("nine: {} {}{}: {}", text(task, "task"), text(task, "status"), without,
                     line(text(task, "reason"), 1000));
}

std::string task_table(const object& answer) {
  std::vector<std::vector<std::string>> rows{
      {"TASK", "STATUS", "ATTEMPTS", "RESTARTS", "TIME", "TEXT"}};
  for (const auto& entry : list(answer, "tasks")) {
    const auto& task = entry.as_object();
    rows.push_back({text(task, "task"), text(task, "status"), text(task, "attempts"),
                    text(task, "restarts"), elapsed(number(task, "duration_ms")),
                    line(text(task, "text"), 60)});
  }
  if (rows.size() == 1) return "no tasks yet; 'nine run TEXT' gives one\n";
  return table(rows);
}

std::string task_detail(const object& task) {
  auto detail = fmt::format("{} {}, {} in {}\n  {}\n", text(task, "task"), text(task, "status"),
                            elapsed(number(task, "duration_ms")), text(task, "directory"),
                            line(text(task, "text"), 300));
  detail += attempt_lines(task);
  if (const auto reason = text(task, "reason"); !reason.empty())
    detail += fmt::format("  reason: {}\n", reason);
  if (const auto missing = joined(list(task, "missing")); !missing.empty()) {
    detail += fmt::format("  missing: {}\n", missing);
  }
  if (const auto result = raw_text(task, "result"); !result.empty()) detail += "\n" + result + "\n";
  return detail;
}

std::string explanation(const object& task) {
  auto told = task_detail(task) + "\n";
  for (const auto& entry : list(task, "timeline")) {
    const auto& fact = entry.as_object();
    told +=
        fmt::format("{}  {}\n", clock_time(number(fact, "at_ms")), line(text(fact, "what"), 400));
  }
  return told;
}

std::string log_text(const object& logs) {
  std::string all;
  for (const auto& entry : list(logs, "logs")) {
    const auto& log = entry.as_object();
    all += fmt::format("== {} (life {}) ==\n{}", text(log, "child"), number(log, "epoch"),
                       raw_text(log, "output"));
    if (!all.ends_with('\n')) all += '\n';
    if (const auto errors = raw_text(log, "errors"); !errors.empty()) {
      all += fmt::format("-- stderr --\n{}{}", errors, errors.ends_with('\n') ? "" : "\n");
    }
  }
  return all.empty() ? "nothing has run yet\n" : all;
}

namespace {

/// Of an agent that waits for its restart.
std::string next_start(const object& of, const char* name) {
  const auto* wait = of.if_contains(name);
  if (wait == nullptr) return {};
  return fmt::format(", starts in {:.0f} s", wait->to_number<double>() / 1000);
}

struct branch {
  std::string line;
  std::vector<branch> below;
};

void draw(const std::vector<branch>& branches, const std::string& indent, std::string& drawn) {
  for (const auto& one : branches) {
    const bool last = &one == &branches.back();
    drawn += fmt::format("{}{} {}\n", indent, last ? "└─" : "├─", one.line);
    draw(one.below, indent + (last ? "   " : "│  "), drawn);
  }
}

branch process_branch(const object& process) {
  return {fmt::format("{} {} {} since {}", text(process, "role"), text(process, "pid"),
                      text(process, "state"), since(process)),
          {}};
}

branch child_branch(const object& child) {
  branch drawn{
      fmt::format("{} {}, life {}, restarts {}{}", text(child, "name"), text(child, "state"),
                  text(child, "epoch"), text(child, "restarts"), next_start(child, "starts_in_ms")),
      {}};
  for (const auto& process : list(child, "processes"))
    drawn.below.push_back(process_branch(process.as_object()));
  return drawn;
}

branch task_branch(const object& task) {
  branch drawn{fmt::format("{} {} {}", text(task, "task"), text(task, "status"),
                           line(text(task, "text"), 60)),
               {}};
  for (const auto& child : list(task, "children"))
    drawn.below.push_back(child_branch(child.as_object()));
  return drawn;
}

}  // namespace

std::string tree_text(const object& tree) {
  std::vector<branch> tasks;
  for (const auto& task : list(tree, "tasks"))
    tasks.push_back(task_branch(task.as_object()));
  std::string drawn = fmt::format("tasks ({})\n", text(tree, "strategy"));
  draw(tasks, "", drawn);
  return drawn;
}

std::string process_table(const object& status) {
  std::vector<std::vector<std::string>> rows{
      {"ROLE", "PID", "STATE", "SINCE", "HEARTBEAT", "CHILD", "LIFE"}};
  for (const auto& entry : list(status, "processes")) {
    const auto& process = entry.as_object();
    rows.push_back({text(process, "role"), text(process, "pid"),
                    text(process, "state") + next_start(process, "agent_starts_in_ms"),
                    since(process), heartbeat(process), text(process, "child"),
                    text(process, "epoch")});
  }
  return table(rows);
}

std::string status_text(const object& status) {
  const auto tasks = status.contains("tasks") ? status.at("tasks").as_object() : object();
  const auto journal = status.contains("journal") ? status.at("journal").as_object() : object();
  const auto health = text(journal, "health");
  auto told =
      fmt::format("{}: {} tasks unfinished, {} at work, {} waiting (limit {}); journal {}\n",
                  text(status, "state"), number(tasks, "live"), number(tasks, "working"),
                  number(tasks, "waiting"), number(tasks, "limit"), health);
  if (health != "working") {
    told += fmt::format(
        "JOURNAL {}: {}; nothing acknowledged is lost, 'nine doctor' says what to "
        "do\n",
        health, text(journal, "last_error"));
  }
  return told + configuration_trouble(status) + process_table(status);
}

std::string log_line(std::string_view line) {
  boost::json::error_code problem;
  const auto value = boost::json::parse(line, problem);
  if (problem || !value.is_object()) return printable(line) + "\n";
  const auto& entry = value.get_object();
  std::string rest;
  for (const auto& member : entry) {
    const std::string_view name = member.key();
    if (name == "ts" || name == "level" || name == "event" || name == "message" || name == "role")
      continue;
    rest += fmt::format("  {}={}", name, text(entry, name));
  }
  return fmt::format("{} {:<7} {:<5} {}{}\n", log_time(text(entry, "ts")), text(entry, "level"),
                     text(entry, "role"), text(entry, "message"), rest);
}

std::string log_json(std::string_view line, std::string_view time) {
  boost::json::error_code problem;
  const auto value = boost::json::parse(line, problem);
  if (!problem && value.is_object()) return std::string(line) + "\n";
  const object words{{"ts", time}, {"message", as_utf8(std::string(line))}};
  return boost::json::serialize(words) + "\n";
}

std::string event_line(const object& event) {
  return fmt::format("{} {:>6}  {}\n", clock_time(number(event, "at_ms")), text(event, "task"),
                     line(text(event, "what"), 400));
}

}  // namespace nine::command_line
