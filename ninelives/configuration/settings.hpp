#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/time.hpp"
#include "ninelives/base/units.hpp"

/// What nine.yaml can say, as plain values. The sentence about each member, its default and its
/// range are in the schema (schema_tables.cpp) and from there in docs/configuration.md.
namespace nine::configuration {

/// A program with its arguments, or one text for `/bin/sh -c`.
struct command_line {
  std::vector<std::string> words{};  ///< with `shell`: exactly one, the text
  bool shell = false;

  bool empty() const { return words.empty(); }
  bool operator==(const command_line&) const = default;
};

enum class agent_kind {
  command,  ///< any program
  model,    ///< Ninelives' own small agent
};

enum class prompt_channel { argument, standard_input, file };

struct result_source {
  enum class kind { standard_output, exit_code, file };

  kind from = kind::standard_output;
  std::string path{};  ///< of a file, relative to the agent's directory

  bool operator==(const result_source&) const = default;
};

/// What an agent inherits: nothing but these (see always_passed_variables).
struct environment_rules {
  std::vector<std::string> pass{};           ///< names; a last '*' stands for any rest
  std::map<std::string, std::string> set{};  ///< wins over `pass`

  bool operator==(const environment_rules&) const = default;
};

/// Passed to every agent when the caller has them, besides environment_rules::pass.
const std::vector<std::string>& always_passed_variables();

struct agent {
  std::string name{};
  agent_kind kind = agent_kind::command;
  command_line command{};  ///< not empty for agent_kind::command
  prompt_channel prompt = prompt_channel::argument;
  result_source result{};
  std::string directory{};  ///< relative to the workspace; empty: the workspace itself
  environment_rules environment{};
  std::optional<duration> timeout{};  ///< of one attempt; none: the task's
  duration grace = 10s;
  bytes memory = 0;  ///< 0: no limit
  bytes log_size = 16 * MiB;
  std::vector<std::string> needs{};
  std::vector<std::string> degrades{};
  std::string model{};  ///< key of settings::models; not empty for agent_kind::model

  bool operator==(const agent&) const = default;
};

/// What an endpoint calls the limit of an answer's length.
enum class output_limit_field { max_tokens, max_completion_tokens };
std::string_view to_string(output_limit_field field);

struct model {
  std::string name{};
  std::string base_url{};  ///< empty: the value of OPENAI_BASE_URL
  std::string id{};        ///< the key `model`; empty: the value of OPENAI_MODEL
  std::string api_key_variable = "OPENAI_API_KEY";
  duration timeout = 120s;
  duration first_byte_timeout = 30s;
  std::optional<std::uint32_t> max_output_tokens{};  ///< none: not sent
  configuration::output_limit_field output_limit_field{};
  std::optional<double> temperature{};  ///< none: not sent

  bool operator==(const model&) const = default;
};

/// A condition on a result that needs no program (Q1).
struct validation {
  enum class kind { non_empty, first_line_max, not_copy_of_input };

  kind what = kind::non_empty;
  double limit = 0;  ///< first_line_max: characters; not_copy_of_input: similarity in (0, 1]

  bool operator==(const validation&) const = default;
};

struct task_input {
  command_line command{};  ///< empty: the task has no input but its prompt

  bool operator==(const task_input&) const = default;
};

struct task_type {
  std::string name{};
  std::string prompt{};  ///< "{input}" stands for the input
  task_input input{};
  std::vector<std::string> ladder{};  ///< keys of settings::agents, best first
  std::vector<command_line> gates{};
  std::vector<validation> validate{};
  std::optional<std::uint32_t> retries{};  ///< none: settings::defaults
  std::optional<duration> timeout{};       ///< of the whole task; none: settings::defaults

  bool operator==(const task_type&) const = default;
};

struct task_defaults {
  std::string agent{};  ///< empty: none, the user names one
  duration timeout = 1h;
  std::uint32_t retries = 3;
  duration gate_timeout = 10min;

  bool operator==(const task_defaults&) const = default;
};

struct limits {
  std::uint32_t concurrent_agents = 8;
  std::uint32_t queued_tasks = 10'000;
  bytes prompt_size = 16 * MiB;
  bytes result_size = 4 * MiB;
  bytes evidence_size = 64 * KiB;

  bool operator==(const limits&) const = default;
};

enum class jitter_kind { none, full, equal, decorrelated };

struct restart_delay {
  duration initial = 200ms;
  duration max = 30s;
  jitter_kind jitter = jitter_kind::equal;

  bool operator==(const restart_delay&) const = default;
};

struct crash_loop {
  std::uint32_t crashes = 3;
  duration window = 120s;
  duration cool_down = 120s;

  bool operator==(const crash_loop&) const = default;
};

struct supervision {
  std::uint32_t restart_intensity = 5;
  duration restart_period = 60s;
  configuration::restart_delay restart_delay{};
  configuration::crash_loop crash_loop{};
  duration shutdown_timeout = 30s;

  bool operator==(const supervision&) const = default;
};

struct watchdog {
  duration heartbeat = 1s;
  duration stale_after = 10s;
  duration terminate_grace = 30s;

  bool operator==(const watchdog&) const = default;
};

struct journal {
  duration expire_after = 30 * 24h;
  std::uint32_t expire_count = 10'000;

  bool operator==(const journal&) const = default;
};

enum class log_level { debug, info, warning, error };

/// The logs of Ninelives' own processes.
struct log {
  log_level level = log_level::info;
  bytes size = 8 * MiB;

  bool operator==(const log&) const = default;
};

/// Everything, after all files: parsed, validated, and from then on never changed.
struct settings {
  std::map<std::string, agent> agents{};
  std::map<std::string, model> models{};
  std::map<std::string, task_type> tasks{};
  task_defaults defaults{};
  configuration::limits limits{};
  configuration::supervision supervision{};
  configuration::watchdog watchdog{};
  configuration::journal journal{};
  configuration::log log{};

  bool operator==(const settings&) const = default;
};

}  // namespace nine::configuration
