#include "ninelives/configuration/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ninelives/configuration/codecs.hpp"
#include "ninelives/configuration/json_document.hpp"
#include "ninelives/configuration/nearest.hpp"
#include "ninelives/configuration/retries.hpp"
#include "ninelives/configuration/schema.hpp"

namespace nine::configuration {
namespace {

template <class Definition>
std::unexpected<error> unknown(std::string_view what, std::string_view name,
                               const std::map<std::string, Definition>& definitions) {
  std::vector<std::string> known;
  for (const auto& [key, definition] : definitions)
    known.push_back(key);
  return fail(error_code::not_found,
              fmt::format("no {} {}{}", what, quoted(name), suggestion(name, known)));
}

task_plan with_defaults(const settings& all) {
  task_plan plan;
  plan.retries = all.defaults.retries;
  plan.timeout = all.defaults.timeout;
  plan.gate_timeout = all.defaults.gate_timeout;
  return plan;
}

void add_rung(task_plan& plan, const settings& all, const agent& definition) {
  if (const auto found = all.models.find(definition.model); found != all.models.end()) {
    plan.models.insert(*found);
  }
  plan.ladder.push_back(definition);
}

/// The same shape as in a file, so that the same tables read and write it; the agents stand under
/// `agents` and the ladder names them.
struct stored_plan {
  std::string type;
  task_type task;
  std::map<std::string, agent> agents;
  std::map<std::string, model> models;
  task_defaults defaults;
};

stored_plan to_stored(const task_plan& plan) {
  stored_plan stored;
  stored.type = plan.type;
  stored.task = {.name = {},
                 .prompt = plan.prompt,
                 .input = plan.input,
                 .ladder = {},
                 .gates = plan.gates,
                 .validate = plan.validate,
                 .retries = plan.retries,
                 .timeout = plan.timeout};
  for (const auto& rung : plan.ladder) {
    stored.task.ladder.push_back(rung.name);
    stored.agents.insert_or_assign(rung.name, rung);
  }
  stored.models = plan.models;
  stored.defaults.gate_timeout = plan.gate_timeout;
  return stored;
}

result<task_plan> from_stored(stored_plan stored) {
  task_plan plan{.type = std::move(stored.type),
                 .prompt = std::move(stored.task.prompt),
                 .input = std::move(stored.task.input),
                 .ladder = {},
                 .models = std::move(stored.models),
                 .gates = std::move(stored.task.gates),
                 .validate = std::move(stored.task.validate),
                 .retries = stored.task.retries.value_or(stored.defaults.retries),
                 .timeout = stored.task.timeout.value_or(stored.defaults.timeout),
                 .gate_timeout = stored.defaults.gate_timeout};
  for (const auto& name : stored.task.ladder) {
    const auto found = stored.agents.find(name);
    if (found == stored.agents.end()) return unknown("agent", name, stored.agents);
    plan.ladder.push_back(found->second);
  }
  return plan;
}

}  // namespace

template <>
const schema<stored_plan>& schema_of() {
  static const schema<stored_plan> table{
      .fields = {key("type", &stored_plan::type, text(), ""),
                 key("task", &stored_plan::task, section<task_type>(), "", presence::required),
                 key("agents", &stored_plan::agents, definitions<agent>(), ""),
                 key("models", &stored_plan::models, definitions<model>(), ""),
                 key("defaults", &stored_plan::defaults, section<task_defaults>(), "")}};
  return table;
}

result<task_plan> plan_type(const settings& all, std::string_view type) {
  const auto found = all.tasks.find(std::string(type));
  if (found == all.tasks.end()) return unknown("task type", type, all.tasks);
  const auto& task = found->second;
  auto plan = with_defaults(all);
  plan.type = task.name;
  plan.prompt = task.prompt;
  plan.input = task.input;
  plan.gates = task.gates;
  plan.validate = task.validate;
  plan.retries = task.retries.value_or(plan.retries);
  plan.timeout = task.timeout.value_or(plan.timeout);
  for (const auto& name : task.ladder)
    add_rung(plan, all, all.agents.at(name));
  return plan;
}

result<task_plan> plan_agent(const settings& all, std::string_view agent_name) {
  const auto name = agent_name.empty() ? all.defaults.agent : std::string(agent_name);
  if (name.empty()) {
    return fail(error_code::invalid_argument,
                "no agent is named; say --agent NAME, or set defaults.agent in nine.yaml");
  }
  const auto found = all.agents.find(name);
  if (found == all.agents.end()) return unknown("agent", name, all.agents);
  return plan_command(all, found->second);
}

task_plan plan_command(const settings& all, agent definition) {
  auto plan = with_defaults(all);
  add_rung(plan, all, definition);
  return plan;
}

boost::json::object to_json(const task_plan& plan) {
  return write_map(to_stored(plan));
}

namespace {

/// A plan that was stored before retries had their limit stays readable.
boost::json::value with_limited_retries(boost::json::value value) {
  for (const auto* where : {"/task/retries", "/defaults/retries"}) {
    boost::json::error_code problem;
    auto* retries = value.find_pointer(where, problem);
    if (!retries) continue;
    const auto count = retries->to_number<std::int64_t>(problem);
    if (!problem && count > std::int64_t{retries_most}) *retries = retries_most;
  }
  return value;
}

}  // namespace

result<task_plan> task_plan_from_json(const boost::json::value& value) {
  const auto root = to_node(with_limited_retries(value));
  problem_list problems("stored plan");
  reference_table references;
  reader in("stored plan", problems, references);
  stored_plan stored;
  if (root) read_map(in, *root, stored);
  if (!root || !problems.empty()) {
    return fail(error_code::corrupted,
                root ? to_error(problems.take()).message : "stored plan: nested too deep");
  }
  return from_stored(std::move(stored));
}

}  // namespace nine::configuration
