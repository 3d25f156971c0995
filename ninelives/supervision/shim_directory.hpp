#pragma once

#include <filesystem>
#include <string>

#include "ninelives/supervision/shim/identity_record.hpp"
#include "ninelives/supervision/shim/protocol.hpp"

namespace nine::supervision {

/// Names in a child's directory, HOME/shims/NAME.
class shim_directory {
 public:
  explicit shim_directory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path socket() const { return path_ / shim::socket_file; }
  std::filesystem::path identity() const { return path_ / "identity"; }
  /// What the shim wrote down of endings that nobody acknowledged; see shim/ending_record.hpp.
  std::filesystem::path endings() const { return path_ / "exit"; }
  /// The path of the control group that the shim made for its agent, if it could make one.
  std::filesystem::path cgroup() const { return path_ / shim::cgroup_file; }
  /// Who its agent is.
  std::filesystem::path agent() const { return path_ / shim::agent_file; }
  std::filesystem::path log() const { return path_ / "shim.log"; }

  /// "NINE_SHIM=…", in the environment of the shim alone.
  std::string shim_marker() const { return std::string(shim::shim_marker) + '=' + path_.string(); }
  /// "NINE_CHILD=…", in the environment of the agent. The whole path, not the name: names repeat
  /// in other homes.
  std::string agent_marker() const {
    return std::string(shim::agent_marker) + '=' + path_.string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace nine::supervision
