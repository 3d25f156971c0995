#include "ninelives/environment/real/move_file.hpp"

#include <cerrno>
#include <cstdio>

#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {

result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT) return {};
  return system_failure(errno, "move '" + from.string() + "'");
}

}  // namespace nine::environment
