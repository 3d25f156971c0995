#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>

#include "ninelives/base/result.hpp"
#include "ninelives/journal/fact.hpp"

namespace nine::journal::stores {

struct salvage_report {
  std::size_t facts = 0;
  std::size_t tasks = 0;
  /// Numbers of facts that should be there and cannot be read. Damage at the end of the journal may
  /// hide how many there were.
  std::int64_t lost = 0;
};

/// Gives every fact of a damaged journal that can still be read and is what was written to `keep`,
/// in order. Changes nothing. A file that is no database at all yields none.
/// Error: that of `keep`.
result<salvage_report> salvage(const std::filesystem::path& database,
                               const std::function<result<void>(const fact&)>& keep);

}  // namespace nine::journal::stores
