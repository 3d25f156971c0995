#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/configuration/load.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/orchestration/orchestrator.hpp"

namespace nine::control {

/// Makes a task out of what a client sends: its own words, plus the configuration of the place it
/// came from.
class submission_reader {
 public:
  /// `built_in` is the text of the built-in configuration; `home_file` is HOME/nine.yaml.
  submission_reader(environment::files& files, std::string built_in,
                    std::filesystem::path home_file)
      : files_(files), built_in_(std::move(built_in)), home_file_(std::move(home_file)) {}

  /// Reads POST /v1/tasks. Blocks for small files. Errors: invalid_argument (with file, line and
  /// column when a nine.yaml is wrong), not_found (no such agent or task type).
  result<orchestration::submission> read(std::string_view body) const;

  /// The settings that hold in a directory: built in, of the home, of the project it lies in.
  result<configuration::settings> settings_for(const std::filesystem::path& directory) const;

  /// The nine.yaml nearest above a directory; empty when there is none.
  std::filesystem::path project_file(std::filesystem::path directory) const;

 private:
  environment::files& files_;
  std::string built_in_;
  std::filesystem::path home_file_;
};

}  // namespace nine::control
