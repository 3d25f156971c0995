#include "ninelives/demo/demo_report.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "ninelives/base/printable.hpp"

namespace nine::demo {
namespace {

using command_line::terminal;

void print_table(terminal& terminal, const std::vector<task_record>& tasks) {
  terminal.out(fmt::format("\n{:<5} {:<10} {:>8} {:>8} {:>6} {:>8}  {}\n", "TASK", "STATUS",
                           "ATTEMPTS", "RESTARTS", "KILLS", "REPLAYED", "RESULT"));
  for (const auto& task : tasks) {
    const auto number = [&](std::string_view name) {
      return task.end.at(name).to_number<std::int64_t>();
    };
    const auto text = std::string(task.end.at("result").as_string());
    terminal.out(fmt::format("{:<5} {:<10} {:>8} {:>8} {:>6} {:>8}  {}\n", task.id,
                             std::string_view(task.end.at("status").as_string()),
                             number("attempts"), number("restarts"), task.kills,
                             number("replayed_steps"),
                             printable(std::string_view(text).substr(0, text.find('\n')))));
  }
}

boost::json::object killed_json(const kill_counts& kills) {
  boost::json::object killed;
  for (const auto& [role, count] : kills)
    killed[role] = count;
  return killed;
}

void print_json(terminal& terminal, const demo_outcome& outcome) {
  boost::json::array tasks;
  for (const auto& task : outcome.tasks)
    tasks.push_back(task.end);
  boost::json::array wrong;
  for (const auto& problem : outcome.problems)
    wrong.emplace_back(problem);
  const boost::json::object object{{"tasks", std::move(tasks)},
                                   {"killed", killed_json(outcome.kills)},
                                   {"problems", std::move(wrong)},
                                   {"seed", outcome.seed}};
  terminal.out(boost::json::serialize(object) + "\n");
}

void print_verdict(terminal& terminal, const demo_outcome& outcome) {
  int all = 0;
  for (const auto& [role, count] : outcome.kills)
    all += count;
  terminal.out(fmt::format("\n{0} tasks, {0} results; {1} kills survived ({2})\n",
                           outcome.tasks.size(), all,
                           boost::json::serialize(killed_json(outcome.kills))));
  if (outcome.problems.empty()) {
    terminal.out(
        "journal checked: every task has exactly one result, no step was done twice, no question "
        "asked again after its answer was kept, no process is left over\n");
  }
  for (const auto& problem : outcome.problems)
    terminal.out("WRONG: " + printable(problem) + "\n");
}

}  // namespace

void print_outcome(terminal& terminal, const demo_outcome& outcome) {
  if (terminal.json) return print_json(terminal, outcome);
  print_table(terminal, outcome.tasks);
  print_verdict(terminal, outcome);
}

}  // namespace nine::demo
