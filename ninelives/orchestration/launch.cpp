#include "ninelives/orchestration/launch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ninelives/configuration/command_arguments.hpp"

namespace nine::orchestration {
namespace {

bool matches(std::string_view name, std::string_view pattern) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return name == pattern;
}

bool matches_any(std::string_view name, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns,
                             [&](const std::string& pattern) { return matches(name, pattern); });
}

std::string directory_of(const std::string& directory, const std::string& workspace) {
  if (directory.empty()) return workspace;
  return (std::filesystem::path(workspace) / directory).lexically_normal().string();
}

/// Ninelives' own small agent: a process of this program that gets its endpoint by variables.
result<launch> launch_of_model_agent(const configuration::agent& agent,
                                     const launch_context& context) {
  launch launch;
  launch.arguments = {context.program.string(), "model-agent"};
  launch.stdin_file = context.prompt_file.string();
  const auto found = context.models.find(agent.model);
  if (found == context.models.end()) {
    return fail(error_code::invalid_argument,
                fmt::format("agent '{}' names no known model", agent.name));
  }
  const auto& model = found->second;
  auto& set = launch.environment;
  set["NINE_MODEL_BASE_URL"] = model.base_url;
  set["NINE_MODEL"] = model.id;
  set["NINE_MODEL_TIMEOUT_MS"] = std::to_string(to_milliseconds(model.timeout));
  set["NINE_MODEL_FIRST_BYTE_TIMEOUT_MS"] =
      std::to_string(to_milliseconds(model.first_byte_timeout));
  if (model.max_output_tokens) {
    set["NINE_MODEL_MAX_OUTPUT_TOKENS"] = std::to_string(*model.max_output_tokens);
    set["NINE_MODEL_OUTPUT_LIMIT_FIELD"] = to_string(model.output_limit_field);
  }
  if (model.temperature) set["NINE_MODEL_TEMPERATURE"] = fmt::format("{}", *model.temperature);
  if (const auto key = context.caller.find(model.api_key_variable); key != context.caller.end()) {
    set["NINE_MODEL_API_KEY"] = key->second;
  }
  return launch;
}

configuration::placeholder_values values_of(const launch_context& context) {
  return {.prompt = context.prompt,
          .prompt_file = context.prompt_file.string(),
          .workspace = context.workspace};
}

result<launch> launch_of_program(const configuration::agent& agent, const launch_context& context) {
  NINE_TRY_ASSIGN(auto command, configuration::expand(agent, values_of(context)));
  launch launch;
  launch.arguments = std::move(command.arguments);
  if (command.prompt_on_standard_input) launch.stdin_file = context.prompt_file.string();
  launch.environment["NINE_PROMPT_FILE"] = context.prompt_file.string();
  return launch;
}

}  // namespace

variables select_variables(const variables& caller, const configuration::environment_rules& rules) {
  variables selected;
  for (const auto& [name, value] : caller) {
    if (matches_any(name, configuration::always_passed_variables()) ||
        matches_any(name, rules.pass)) {
      selected[name] = value;
    }
  }
  for (const auto& [name, value] : rules.set)
    selected[name] = value;
  return selected;
}

result<launch> launch_of_agent(const configuration::agent& agent, const launch_context& context) {
  auto prepared = agent.kind == configuration::agent_kind::model
                      ? launch_of_model_agent(agent, context)
                      : launch_of_program(agent, context);
  NINE_TRY_ASSIGN(launch launch, std::move(prepared));
  launch.environment.merge(select_variables(context.caller, agent.environment));
  launch.directory = directory_of(agent.directory, context.workspace);
  launch.log_bytes_most = agent.log_size;
  launch.memory_bytes_most = agent.memory;
  return launch;
}

result<launch> launch_of_command(const configuration::command_line& command,
                                 const launch_context& context) {
  launch launch;
  NINE_TRY_ASSIGN(launch.arguments, configuration::expand(command, values_of(context)));
  launch.environment = context.caller;
  for (const auto& [name, model] : context.models)
    launch.environment.erase(model.api_key_variable);  // it may run what an agent wrote (X1)
  launch.directory = context.workspace;
  return launch;
}

supervision::shim::start start_message(const launch& launch, epoch incarnation,
                                       const incarnation_files& files,
                                       const variables& additional) {
  supervision::shim::start message;
  message.incarnation = incarnation;
  message.arguments = launch.arguments;
  auto environment = launch.environment;
  for (const auto& [name, value] : additional)
    environment[name] = value;
  for (const auto& [name, value] : environment)
    message.environment.push_back(name + "=" + value);
  message.directory = launch.directory;
  message.stdin_file = launch.stdin_file;
  message.stdout_file = files.output.string();
  message.stderr_file = files.errors.string();
  message.log_bytes_most = launch.log_bytes_most;
  message.memory_bytes_most = launch.memory_bytes_most;
  return message;
}

}  // namespace nine::orchestration
