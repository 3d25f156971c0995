#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ninelives/configuration/settings.hpp"
#include "ninelives/supervision/shim/protocol.hpp"

namespace nine::orchestration {

using variables = std::map<std::string, std::string>;

/// What one incarnation writes.
struct incarnation_files {
  std::filesystem::path output;  ///< its stdout
  std::filesystem::path errors;  ///< its stderr
};

/// Which program runs for a child, before it is known which incarnation.
struct launch {
  std::vector<std::string> arguments;
  variables environment;
  std::string directory;
  std::string stdin_file;
  bytes log_bytes_most = 16 * MiB;
  bytes memory_bytes_most = 0;
};

struct launch_context {
  std::filesystem::path program;  ///< nine itself, for agents of kind model
  std::string workspace;          ///< the task's directory
  std::filesystem::path prompt_file;
  std::string prompt;
  variables caller;  ///< what the user's environment held when the task was given
  std::map<std::string, configuration::model> models;
};

/// How to start an agent with its prompt. Errors: those of configuration::expand.
result<launch> launch_of_agent(const configuration::agent& agent, const launch_context& context);

/// How to start a gate or input command: in the workspace, with the caller's variables but
/// the keys of models.
result<launch> launch_of_command(const configuration::command_line& command,
                                 const launch_context& context);

/// The variables a child gets of the caller's: those always passed and those its rules name.
variables select_variables(const variables& caller, const configuration::environment_rules& rules);

/// The shim's start message for one incarnation of a launch.
supervision::shim::start start_message(const launch& launch, epoch incarnation,
                                       const incarnation_files& files, const variables& additional);

}  // namespace nine::orchestration
