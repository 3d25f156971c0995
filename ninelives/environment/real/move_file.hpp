#pragma once

#include <filesystem>

#include "ninelives/base/result.hpp"

namespace nine::environment {

/// Gives a file or directory another name on the same file system; no error when nothing is there.
/// Errors: permission_denied, io_error, already_exists; they name the path.
result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace nine::environment
