#pragma once

#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

/// The kernel's own little files (/proc, cgroups), and what a shim keeps in its directory.
namespace nine::environment::system {

/// The first `limit` bytes of a file.
result<std::string> read_file(const std::string& file, bytes limit);

/// One write to an existing file, as the kernel's control files want it.
result<void> write_to(const std::string& file, std::string_view content);

/// Replaces a file by renaming: readers see the old or the new. Mode 0600. Not synced.
result<void> replace_file(const std::string& file, std::string_view content);

bool exists(const std::string& file);

/// No error when nothing is there.
result<void> remove_file(const std::string& file);

/// Whether somebody holds the file's flock, exclusively. A file that is missing is not locked.
result<bool> is_locked(const std::string& file);

}  // namespace nine::environment::system
