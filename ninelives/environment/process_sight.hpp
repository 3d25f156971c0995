#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/process_identity.hpp"

namespace nine::environment {

/// What can be seen of a process from outside, by which is told whose it is.
struct process_sight {
  process_identity identity;
  std::int32_t parent = 0;
  std::int32_t group = 0;            ///< of the process that leads its process group
  std::int32_t session = 0;          ///< of the process that leads its session
  std::vector<std::string> marks{};  ///< of its environment, what begins as was asked for
};

/// Every process there is, zombies left out. Of its environment the entries that begin with one of
/// `prefixes`: none where a process hides it, is another user's, or is in the midst of execve.
/// Blocks for a while: for the worker.
using look_at_processes =
    std::function<result<std::vector<process_sight>>(const std::vector<std::string>& prefixes)>;

}  // namespace nine::environment
