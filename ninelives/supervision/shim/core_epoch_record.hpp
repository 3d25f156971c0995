#pragma once

#include <string>
#include <string_view>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/base/units.hpp"

/// HOME/core_epoch: the epoch of the newest core of a home, for those who cannot ask the journal. A
/// core writes it before it looks for shims; whoever is about to act for an older core learns from
/// it that it must not.
namespace nine::supervision::shim {

inline constexpr const char* core_epoch_file = "core_epoch";
inline constexpr bytes core_epoch_bytes_most = 32;

/// The number and a newline.
std::string format_core_epoch(core_epoch core);

/// Error: corrupted.
result<core_epoch> parse_core_epoch(std::string_view text);

/// Error `fenced` when `core` is older than the one on record.
result<void> check_core_epoch(core_epoch core, core_epoch on_record);

}  // namespace nine::supervision::shim
