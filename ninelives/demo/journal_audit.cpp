#include "ninelives/demo/journal_audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <variant>

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

std::string question_opening(std::string_view task, std::string_view attempt) {
  return fmt::format("This is attempt {} at {}.\n", attempt, task);
}

std::vector<question> read_questions(std::string_view log) {
  std::vector<question> questions;
  while (!log.empty()) {
    const auto end = std::min(log.find('\n'), log.size());
    boost::json::error_code problem;
    const auto line = boost::json::parse(log.substr(0, end), problem);
    log.remove_prefix(std::min(end + 1, log.size()));
    if (problem || !line.is_object() || !line.get_object().contains("prompt")) continue;
    const auto& told = line.get_object();
    const std::string_view prompt(told.at("prompt").as_string());
    questions.push_back(
        {.about = std::string(prompt.substr(0, std::min(prompt.find('\n'), prompt.size()))) + "\n",
         .at = wall_time_from_milliseconds(told.at("time_ms").to_number<std::int64_t>())});
  }
  return questions;
}

std::vector<std::string> audit_questions(const std::vector<journal::fact>& facts,
                                         const std::vector<question>& questions) {
  std::map<std::string, wall_time> answered;  // the last step that an attempt has finished
  for (const auto& fact : facts) {
    const auto event = execution::from_fact(fact);
    const auto* step = event ? std::get_if<execution::step_finished>(&*event) : nullptr;
    if (!step || step->key == reading_step) continue;
    answered[question_opening(to_string(fact.task), std::to_string(step->attempt.value()))] =
        fact.at;
  }
  std::vector<std::string> problems;
  for (const auto& asked : questions) {
    const auto known = answered.find(asked.about);
    if (known == answered.end() || asked.at <= known->second) continue;
    problems.push_back(
        fmt::format("the model was asked again after its answer was kept: {}", asked.about));
  }
  return problems;
}

}  // namespace nine::demo
