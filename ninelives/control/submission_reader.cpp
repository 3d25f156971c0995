#include "ninelives/control/submission_reader.hpp"

#include <fmt/format.h>

#include "ninelives/configuration/delivery.hpp"
#include "ninelives/configuration/retries.hpp"
#include "ninelives/control/json_body.hpp"

namespace nine::control {
namespace {

constexpr bytes configuration_bytes_most = 1 * MiB;
constexpr std::size_t text_bytes_most = 128 * KiB;
constexpr std::size_t gates_most = 32;
constexpr std::string_view default_base_url = "https://api.openai.com/v1";
constexpr std::string_view default_model = "gpt-4o-mini";

constexpr std::int64_t milliseconds_most = 365LL * 24 * 3600 * 1000;
constexpr std::size_t name_bytes_most = 64;

bool is_name(std::string_view text) {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return text.size() <= name_bytes_most &&
         text.find_first_not_of(letters) == std::string_view::npos;
}

std::string variable(const orchestration::variables& caller, const std::string& name) {
  const auto found = caller.find(name);
  return found == caller.end() ? std::string() : found->second;
}

/// Fills what the configuration leaves to the caller's environment. A model without an address
/// stays so when nothing hints at one: then there is no model.
void resolve(configuration::model& model, const orchestration::variables& caller) {
  if (model.base_url.empty()) model.base_url = variable(caller, "OPENAI_BASE_URL");
  const bool has_key = !variable(caller, model.api_key_variable).empty();
  if (model.base_url.empty() && has_key) model.base_url = default_base_url;
  if (model.id.empty()) model.id = variable(caller, "OPENAI_MODEL");
  if (model.id.empty()) model.id = default_model;
}

/// Of what the caller's environment held, only what the plan's children may see is kept.
orchestration::variables needed_variables(const configuration::task_plan& plan,
                                          const orchestration::variables& caller) {
  configuration::environment_rules rules;
  for (const auto& agent : plan.ladder) {
    rules.pass.insert(rules.pass.end(), agent.environment.pass.begin(),
                      agent.environment.pass.end());
  }
  for (const auto& [name, model] : plan.models)
    rules.pass.push_back(model.api_key_variable);
  return orchestration::select_variables(caller, rules);
}

/// A name as nine.yaml has them, like this one.
std::string agent_name(std::string like) {
  for (char& c : like) {
    if (!is_name({&c, 1})) c = '_';
  }
  like.resize(std::min(like.size(), name_bytes_most));
  const bool begins_well =
      !like.empty() && std::string_view("-_.").find(like.front()) == std::string_view::npos;
  return begins_well ? like : "command" + like.substr(0, name_bytes_most / 2);
}

/// What the configuration would refuse could never be read back from the journal.
result<void> check_plan(const configuration::task_plan& plan) {
  const auto kept = configuration::task_plan_from_json(configuration::to_json(plan));
  if (kept) return {};
  auto message = kept.error().message;
  constexpr std::string_view prefix = "stored plan: ";
  if (message.starts_with(prefix)) message.erase(0, prefix.size());
  return fail(error_code::invalid_argument, "the task is refused: " + message);
}

/// An agent given on the command line: `nine run TEXT -- PROGRAM ARGUMENT…`.
configuration::agent agent_of_command(json_body& body) {
  configuration::agent agent;
  agent.command.words = body.texts("command");
  agent.name = agent_name(
      std::filesystem::path(agent.command.words.empty() ? "" : agent.command.words.front())
          .filename());
  agent.prompt = configuration::prompt_channel::standard_input;
  return agent;
}

result<configuration::task_plan> plan_of(const configuration::settings& settings, json_body& body,
                                         const std::string& text) {
  const auto agent = body.text("agent");
  const bool has_command = body.has("command");
  auto command = agent_of_command(body);
  if (has_command && !agent.empty()) {
    return fail(error_code::invalid_argument, "give either an agent or a command, not both");
  }
  if (has_command) {
    if (command.command.empty()) return fail(error_code::invalid_argument, "the command is empty");
    return configuration::plan_command(settings, std::move(command));
  }
  if (!agent.empty()) return configuration::plan_agent(settings, agent);
  // A single word is meant for the name of a type, a misspelt one too.
  if (settings.tasks.contains(text)) return configuration::plan_type(settings, text);
  if (!is_name(text)) return configuration::plan_agent(settings, "");
  auto refused = configuration::plan_type(settings, text);
  refused.error().message += " (for a task in one word of your own, name an agent)";
  return refused;
}

/// Facts hold short texts; a long one becomes the input, which makes the same prompt.
result<void> fit(orchestration::submission& given, bytes prompt_bytes_most) {
  auto& text = given.specification.text;
  if (text.size() + given.input.size() > prompt_bytes_most) {
    return fail(error_code::too_large,
                fmt::format("the prompt with its input has {} bytes, the limit of this home is {} "
                            "(limits.prompt_size in its nine.yaml); name a file in the prompt and "
                            "let the agent read it",
                            text.size() + given.input.size(), prompt_bytes_most));
  }
  if (text.size() <= text_bytes_most) return {};
  if (!given.input.empty() || !given.specification.plan.prompt.empty()) {
    return fail(error_code::too_large,
                fmt::format("the text has {} bytes; at most {} are taken beside an input",
                            text.size(), text_bytes_most));
  }
  given.input = std::exchange(text, "");
  return {};
}

/// The keys that say how prompt and result are handed over.
result<configuration::delivery> delivery_of(json_body& body) {
  const auto prompt = body.text("prompt");
  const auto result_from = body.text("result");
  const auto file = body.text("result_file");
  const auto timeout_ms = body.number("attempt_timeout_ms", 0, 1, milliseconds_most);
  configuration::delivery wanted;
  if (!prompt.empty()) {
    NINE_TRY_ASSIGN(wanted.prompt, configuration::parse_prompt_channel(prompt));
  }
  if (!result_from.empty()) {
    NINE_TRY_ASSIGN(wanted.result, configuration::parse_result_source(result_from));
  }
  if (!file.empty()) {
    if (wanted.result)
      return fail(error_code::invalid_argument, "give either 'result' or 'result_file', not both");
    NINE_TRY_ASSIGN(wanted.result, configuration::result_file(file));
  }
  if (timeout_ms > 0) wanted.attempt_timeout = std::chrono::milliseconds(timeout_ms);
  return wanted;
}

}  // namespace

std::filesystem::path submission_reader::project_file(std::filesystem::path directory) const {
  constexpr int depth_most = 64;
  for (int depth = 0; depth < depth_most && !directory.empty(); ++depth) {
    const auto candidate = directory / "nine.yaml";
    if (const auto found = files_.information(candidate); found && !found->is_directory)
      return candidate;
    if (directory == directory.parent_path()) break;
    directory = directory.parent_path();
  }
  return {};
}

result<configuration::settings> submission_reader::settings_for(
    const std::filesystem::path& directory) const {
  std::vector<configuration::layer> layers{
      {configuration::layer_kind::built_in, "(built in)", built_in_}};
  const auto add_file = [&](configuration::layer_kind kind,
                            const std::filesystem::path& file) -> result<void> {
    auto text = files_.read(file, configuration_bytes_most);
    if (!text && text.error().code == error_code::not_found) return {};
    if (!text) return std::unexpected(text.error());
    layers.push_back({kind, file.string(), *std::move(text)});
    return {};
  };
  NINE_TRY(add_file(configuration::layer_kind::home, home_file_));
  const auto project = project_file(directory);
  if (!project.empty() && project != home_file_)
    NINE_TRY(add_file(configuration::layer_kind::project, project));
  auto settings = configuration::load(layers);
  if (!settings) return std::unexpected(configuration::to_error(settings.error()));
  return *std::move(settings);
}

result<orchestration::submission> submission_reader::read(std::string_view text) const {
  NINE_TRY_ASSIGN(json_body body, json_body::parse(text));
  orchestration::submission submission;
  auto& specification = submission.specification;
  submission.key = body.text("key");
  specification.text = body.required_text("text");
  specification.directory = body.required_text("directory");
  submission.input = body.text("input");
  submission.caller = body.text_map("environment");
  const auto gates = body.texts("gates");
  const auto pass = body.texts("pass");
  const auto timeout_ms = body.number("timeout_ms", 0, 1, milliseconds_most);
  const auto retries = body.number("retries", -1, 0, configuration::retries_most);
  if (!specification.directory.starts_with('/')) {
    return fail(error_code::invalid_argument, "'directory' must be an absolute path");
  }
  if (gates.size() > gates_most) return fail(error_code::invalid_argument, "too many gates");
  NINE_TRY_ASSIGN(const auto settings, settings_for(specification.directory));
  NINE_TRY_ASSIGN(specification.plan, plan_of(settings, body, specification.text));
  NINE_TRY_ASSIGN(const auto delivery, delivery_of(body));
  NINE_TRY(body.finish());
  NINE_TRY(configuration::apply(specification.plan, delivery));
  NINE_TRY(fit(submission, settings.limits.prompt_size));
  for (const auto& gate : gates)
    specification.plan.gates.push_back({{gate}, true});
  if (timeout_ms > 0) specification.plan.timeout = std::chrono::milliseconds(timeout_ms);
  if (retries >= 0) specification.plan.retries = static_cast<std::uint32_t>(retries);
  if (!submission.input.empty()) specification.plan.input.command = {};
  for (auto& agent : specification.plan.ladder) {
    agent.environment.pass.insert(agent.environment.pass.end(), pass.begin(), pass.end());
  }
  for (auto& [name, model] : specification.plan.models)
    resolve(model, submission.caller);
  NINE_TRY(check_plan(specification.plan));
  submission.caller = needed_variables(specification.plan, submission.caller);
  return submission;
}

}  // namespace nine::control
