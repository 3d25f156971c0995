#include "ninelives/configuration/codecs.hpp"
#include "ninelives/configuration/quantities.hpp"
#include "ninelives/configuration/retries.hpp"

/// The tables: every key of nine.yaml, once.
namespace nine::configuration {
namespace {

constexpr duration year = 365 * 24h;

/// What an agent can do without another thing being up (L4).
codec<std::string> capability() {
  return one_of<std::string>({{"model", "model"}});
}

std::vector<std::pair<std::string, jitter_kind>> jitters() {
  return {{"none", jitter_kind::none},
          {"full", jitter_kind::full},
          {"equal", jitter_kind::equal},
          {"decorrelated", jitter_kind::decorrelated}};
}

codec<output_limit_field> output_limit_fields() {
  std::vector<std::pair<std::string, output_limit_field>> named;
  for (const auto one : {output_limit_field::max_tokens, output_limit_field::max_completion_tokens})
    named.emplace_back(to_string(one), one);
  return one_of(std::move(named));
}

void check_agent(reader& in, const node& from, const agent& made) {
  if (made.kind == agent_kind::command && made.command.empty()) {
    in.refuse(from.at, "key 'command' is missing; it says what to run (or say 'kind: model')");
  }
  if (made.kind == agent_kind::command && !made.model.empty()) {
    in.refuse(from.at, "key 'model' is only for agents of 'kind: model'");
  }
  if (made.kind == agent_kind::model && made.model.empty()) {
    in.refuse(from.at, "key 'model' is missing; an agent of 'kind: model' names one of 'models'");
  }
  if (made.kind == agent_kind::model && !made.command.empty()) {
    in.refuse(from.at, "an agent of 'kind: model' has no 'command'; remove one of the two");
  }
}

void check_model(reader& in, const node& from, const model& made) {
  if (made.first_byte_timeout > made.timeout) {
    in.refuse(from.at, "'first_byte_timeout' is longer than 'timeout', so it could never end");
  }
}

void check_task(reader& in, const node& from, const task_type& made) {
  if (made.ladder.empty()) in.refuse(from.at, "'ladder' needs at least one agent");
}

void check_restart_delay(reader& in, const node& from, const restart_delay& made) {
  if (made.max < made.initial) in.refuse(from.at, "'max' is shorter than 'initial'");
}

void check_watchdog(reader& in, const node& from, const watchdog& made) {
  if (made.stale_after >= 2 * made.heartbeat) return;
  in.refuse(from.at,
            fmt::format("'stale_after' ({}) must be at least twice 'heartbeat' ({}), or a "
                        "single late heartbeat is taken for a death",
                        format_duration(made.stale_after), format_duration(made.heartbeat)));
}

}  // namespace

const std::vector<std::string>& always_passed_variables() {
  static const std::vector<std::string> names{"HOME",  "LANG", "LC_*",   "LOGNAME", "PATH",
                                              "SHELL", "TERM", "TMPDIR", "TZ",      "USER"};
  return names;
}

std::string_view to_string(output_limit_field field) {
  return field == output_limit_field::max_tokens ? "max_tokens" : "max_completion_tokens";
}

template <>
const schema<environment_rules>& schema_of() {
  static const schema<environment_rules> table{
      .fields = {
          key("pass", &environment_rules::pass, list_of(variable_pattern()),
              "Variables handed on from where `nine` was called, besides HOME, LANG, LC_*, "
              "LOGNAME, PATH, SHELL, TERM, TMPDIR, TZ and USER. Nothing else is inherited. "
              "A `*` at the end stands for any rest."),
          key("set", &environment_rules::set, variables(),
              "Variables with these values; they win over `pass`. Not for secrets."),
      }};
  return table;
}

template <>
const schema<agent>& schema_of() {
  static const schema<agent> table{
      .fields =
          {
              key("kind", &agent::kind,
                  one_of<agent_kind>(
                      {{"command", agent_kind::command}, {"model", agent_kind::model}}),
                  "What runs: any program, or Ninelives' own small agent that asks a model."),
              key("command", &agent::command, command(),
                  "What to run, for `kind: command`. `{prompt}`, `{prompt_file}` and `{workspace}` "
                  "are filled in; in a text for the shell each becomes one quoted word."),
              key("prompt", &agent::prompt,
                  one_of<prompt_channel>({{"argument", prompt_channel::argument},
                                          {"stdin", prompt_channel::standard_input},
                                          {"file", prompt_channel::file}}),
                  "How the prompt is given when `command` names neither `{prompt}` nor "
                  "`{prompt_file}`: as a last argument, on standard input, or as a last argument "
                  "that names a file."),
              key("result", &agent::result, result_from(),
                  "Where the result is found: what it printed, its exit code, or a file it wrote "
                  "(relative to its directory)."),
              key("directory", &agent::directory, relative_path(),
                  "Where it runs, below the workspace; by default the workspace itself."),
              key("environment", &agent::environment, section<environment_rules>(), ""),
              key("timeout", &agent::timeout, maybe(time_span(100ms, year)),
                  "The longest one attempt may take; by default as long as the task has left."),
              key("grace", &agent::grace, time_span(0s, 1h),
                  "How long it has between TERM and KILL when it is stopped."),
              key("memory", &agent::memory, size(0, 1024 * 1024 * GiB),
                  "The most memory it may use, with all it starts, where a cgroup can enforce it "
                  "(`nine doctor` says whether, and the core's log when it does not hold); "
                  "0 is no limit."),
              key("log_size", &agent::log_size, size(64 * KiB, GiB),
                  "At this size its output log is moved aside, and the one moved before removed."),
              key("needs", &agent::needs, list_of(capability()),
                  "What it cannot do without; while that is missing its rung is passed over."),
              key("degrades", &agent::degrades, list_of(capability()),
                  "What is missing from a result of this agent, which then counts as degraded."),
              key("model", &agent::model, name_in("models"), "The model, for `kind: model`."),
          },
      .refused = {{"api_key",
                   "keys do not belong in files; set the environment variable that the "
                   "model's 'api_key_variable' names"}},
      .check = check_agent};
  return table;
}

template <>
const schema<model>& schema_of() {
  static const schema<model> table{
      .fields =
          {
              key("base_url", &model::base_url, url(),
                  "Where an OpenAI-compatible API is; by default the value of OPENAI_BASE_URL."),
              key("model", &model::id, text(),
                  "The provider's name for the model; by default the value of OPENAI_MODEL."),
              key("api_key_variable", &model::api_key_variable, variable_name(),
                  "The environment variable that holds the key. The key itself never stands in a "
                  "file."),
              key("timeout", &model::timeout, time_span(100ms, 24h),
                  "The longest one call may take."),
              key("first_byte_timeout", &model::first_byte_timeout, time_span(100ms, 24h),
                  "The longest wait for the beginning of an answer."),
              key("max_output_tokens", &model::max_output_tokens, maybe(whole_number(1, 1'000'000)),
                  "The longest answer asked for; by default what the provider takes for it."),
              key("output_limit_field", &model::output_limit_field, output_limit_fields(),
                  "The name under which the endpoint takes `max_output_tokens`; newer models of "
                  "OpenAI refuse `max_tokens`."),
              key("temperature", &model::temperature, maybe(number(0, 2)),
                  "How freely it chooses its words; by default as the provider sets it. Some "
                  "models "
                  "refuse any value."),
          },
      .refused = {{"api_key",
                   "keys do not belong in files; put it into an environment variable and "
                   "name that with 'api_key_variable'"}},
      .check = check_model};
  return table;
}

template <>
const schema<task_input>& schema_of() {
  static const schema<task_input> table{
      .fields = {
          key("command", &task_input::command, command(),
              "A program run in the workspace when the task is given; what it prints is the task's "
              "input.")}};
  return table;
}

template <>
const schema<task_type>& schema_of() {
  static const schema<task_type> table{
      .fields =
          {
              key("prompt", &task_type::prompt, text(),
                  "What the agent is told. `{input}` stands for the input; without it the input "
                  "follows the prompt.",
                  presence::required),
              key("input", &task_type::input, section<task_input>(), ""),
              key("ladder", &task_type::ladder, list_of(name_in("agents")),
                  "The agents that try it, best first; the next one takes over when one has used "
                  "up its attempts.",
                  presence::required),
              key("gates", &task_type::gates, list_of(command()),
                  "Commands that must exit with 0 before a result counts; what they print is the "
                  "feedback for the next attempt."),
              key("validate", &task_type::validate, list_of(validation_rule()),
                  "What must hold for the text of a result: it says something, its first line has "
                  "at most so many characters, its similarity to the input stays below a number."),
              key("retries", &task_type::retries, maybe(whole_number(0, retries_most)),
                  "Further attempts of one agent after its first; by default `defaults.retries`."),
              key("timeout", &task_type::timeout, maybe(time_span(1s, year)),
                  "The longest the whole task may take; by default `defaults.timeout`."),
          },
      .check = check_task};
  return table;
}

template <>
const schema<task_defaults>& schema_of() {
  static const schema<task_defaults> table{
      .fields = {
          key("agent", &task_defaults::agent, name_in("agents"),
              "The agent of a task for which none is named."),
          key("timeout", &task_defaults::timeout, time_span(1s, year),
              "The longest a task may take."),
          key("retries", &task_defaults::retries, whole_number(0, retries_most),
              "Further attempts of one agent after its first."),
          key("gate_timeout", &task_defaults::gate_timeout, time_span(1s, 7 * 24h),
              "The longest one gate may take; then it has failed."),
      }};
  return table;
}

template <>
const schema<limits>& schema_of() {
  static const schema<limits> table{
      .fields = {
          key("concurrent_agents", &limits::concurrent_agents, whole_number(1, 100'000),
              "How many agents run at a time; further tasks wait."),
          key("queued_tasks", &limits::queued_tasks, whole_number(1, 10'000'000),
              "How many tasks may be unfinished; further ones are refused."),
          key("prompt_size", &limits::prompt_size, size(KiB, 64 * MiB),
              "The largest prompt with its input; a larger one is refused."),
          key("result_size", &limits::result_size, size(KiB, 64 * MiB),
              "The largest result; a larger one is a failure of the attempt."),
          key("evidence_size", &limits::evidence_size, size(KiB, 64 * KiB),
              "How much of a gate's output is kept: its end."),
      }};
  return table;
}

template <>
const schema<restart_delay>& schema_of() {
  static const schema<restart_delay> table{
      .fields = {key("initial", &restart_delay::initial, time_span(1ms, 1h),
                     "The wait before the second restart in a row; it doubles with each further "
                     "one. The first restart waits for nothing."),
                 key("max", &restart_delay::max, time_span(1ms, 24h), "The longest wait."),
                 key("jitter", &restart_delay::jitter, one_of<jitter_kind>(jitters()),
                     "How chance spreads the wait, so that what died together does not come back "
                     "together.")},
      .check = check_restart_delay};
  return table;
}

template <>
const schema<crash_loop>& schema_of() {
  static const schema<crash_loop> table{
      .fields = {key("crashes", &crash_loop::crashes, whole_number(1, 10),
                     "This many crashes of one agent ..."),
                 key("window", &crash_loop::window, time_span(1s, 24h), "... within this time ..."),
                 key("cool_down", &crash_loop::cool_down, time_span(0s, 24h),
                     "... and it rests this long.")}};
  return table;
}

template <>
const schema<supervision>& schema_of() {
  static const schema<supervision> table{
      .fields = {
          key("restart_intensity", &supervision::restart_intensity, whole_number(0, 1000),
              "The most restarts of one child within `restart_period`; past it the attempt has "
              "failed."),
          key("restart_period", &supervision::restart_period, time_span(1s, 24h),
              "The time in which restarts are counted. Rests after a crash loop are left out."),
          key("restart_delay", &supervision::restart_delay, section<restart_delay>(), ""),
          key("crash_loop", &supervision::crash_loop, section<crash_loop>(), ""),
          key("shutdown_timeout", &supervision::shutdown_timeout, time_span(0s, 1h),
              "How long an orderly stop may take before everything left is killed."),
      }};
  return table;
}

template <>
const schema<watchdog>& schema_of() {
  static const schema<watchdog> table{
      .fields = {key("heartbeat", &watchdog::heartbeat, time_span(100ms, 1min),
                     "How often the core says that it works."),
                 key("stale_after", &watchdog::stale_after, time_span(1s, 1h),
                     "After this long without a heartbeat the core is replaced; the guard looks "
                     "every second."),
                 key("terminate_grace", &watchdog::terminate_grace, time_span(0s, 1h),
                     "How long it then has between TERM and KILL.")},
      .check = check_watchdog};
  return table;
}

template <>
const schema<journal>& schema_of() {
  static const schema<journal> table{
      .fields = {key("expire_after", &journal::expire_after, time_span(1min, 10 * year),
                     "Finished tasks older than this are removed with all that belongs to them."),
                 key("expire_count", &journal::expire_count, whole_number(1, 10'000'000),
                     "So many finished tasks are kept at most.")}};
  return table;
}

template <>
const schema<log>& schema_of() {
  static const schema<log> table{
      .fields = {key("level", &log::level,
                     one_of<log_level>({{"debug", log_level::debug},
                                        {"info", log_level::info},
                                        {"warning", log_level::warning},
                                        {"error", log_level::error}}),
                     "What is written, and all that matters more; debug tells every step."),
                 key("size", &log::size, size(64 * KiB, GiB),
                     "At this size a log is moved aside, and the one moved before removed.")}};
  return table;
}

template <>
const schema<settings>& schema_of() {
  static const schema<settings> table{
      .fields = {
          key("agents", &settings::agents, definitions<agent>(),
              "How to run something that does tasks."),
          key("models", &settings::models, definitions<model>(),
              "The models that agents of `kind: model` ask."),
          key("tasks", &settings::tasks, definitions<task_type>(),
              "Types of tasks, to be run by name: `nine run NAME`."),
          key("defaults", &settings::defaults, section<task_defaults>(),
              "For tasks that do not say otherwise."),
          key("limits", &settings::limits, section<limits>(),
              "Bounds of the home. Only in the home's file."),
          key("supervision", &settings::supervision, section<supervision>(),
              "When and how agents are restarted. Only in the home's file."),
          key("watchdog", &settings::watchdog, section<watchdog>(),
              "When Ninelives' own processes are replaced. Only in the home's file."),
          key("journal", &settings::journal, section<journal>(),
              "How long the record is kept. Only in the home's file."),
          key("log", &settings::log, section<log>(),
              "The logs of guard and core: log/guard.log and log/core.log. Only in the home's "
              "file."),
      }};
  return table;
}

}  // namespace nine::configuration
