#pragma once

#include <filesystem>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/files.hpp"

namespace nine::journal::stores {

/// Looks at a journal that no core serves, without changing it: whether it is one, of a format this
/// program knows, readable and undamaged (SQLite's quick check, for those of at most 256 MiB).
/// Blocks. Errors: not_found, corrupted, precondition_failed (made
/// by a newer program), unavailable (locked by another process), permission_denied, io_error.
result<void> examine(environment::files& files, const std::filesystem::path& journal);

}  // namespace nine::journal::stores
