#pragma once

#include <filesystem>
#include <string>

namespace nine::control {

/// The configuration everybody starts from: Ninelives' own agents and the task type commit-message.
/// `agents` is the folder with the agents that are shipped as ordinary commands.
std::string built_in_configuration(const std::filesystem::path& agents);

}  // namespace nine::control
