#include "ninelives/demo/journal_audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ninelives/execution/task_state.hpp"

namespace nine::demo {
namespace {

void audit_task(task_id task, const std::vector<journal::fact>& facts,
                std::vector<std::string>& problems) {
  const auto ends = std::count_if(facts.begin(), facts.end(), [](const journal::fact& fact) {
    return fact.kind == "task_ended";
  });
  if (ends != 1)
    problems.push_back(fmt::format("{} has {} results instead of one", to_string(task), ends));
  // The fold refuses what cannot be: a step finished twice, an epoch that does not rise, a word
  // after the end.
  if (const auto state = execution::fold(facts); !state) {
    problems.push_back(fmt::format("{}: {}", to_string(task), state.error().message));
  }
}

}  // namespace

std::vector<std::string> audit(const std::vector<journal::fact>& facts) {
  std::vector<std::string> problems;
  std::map<task_id, std::vector<journal::fact>> by_task;
  sequence expected(1);
  for (const auto& fact : facts) {
    if (fact.number != expected) {
      problems.push_back(
          fmt::format("fact {} where {} was expected", fact.number.value(), expected.value()));
    }
    expected = fact.number.next();
    if (fact.task) by_task[fact.task].push_back(fact);
  }
  for (const auto& [task, own] : by_task)
    audit_task(task, own, problems);
  return problems;
}

}  // namespace nine::demo
