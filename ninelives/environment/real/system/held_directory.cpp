#include "ninelives/environment/real/system/held_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "ninelives/environment/real/system/kernel_error.hpp"

namespace nine::environment::system {

result<held_directory> held_directory::open(const std::string& path) {
  descriptor opened(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return kernel_failure(errno, "open the directory " + path);
  return held_directory(std::move(opened));
}

/// A directory without any name has no links left, not even the one it has to itself.
bool held_directory::is_removed() const {
  struct stat found{};
  return ::fstat(directory_.get(), &found) == 0 && found.st_nlink == 0;
}

}  // namespace nine::environment::system
