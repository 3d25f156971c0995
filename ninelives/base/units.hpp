#pragma once

#include <cstdint>

#include "ninelives/base/strong_id.hpp"

namespace nine {

/// Sizes of memory, files and messages.
using bytes = std::uint64_t;
constexpr bytes KiB = 1024;
constexpr bytes MiB = 1024 * KiB;
constexpr bytes GiB = 1024 * MiB;

/// Tokens a model counted or that we estimated for it.
using tokens = std::int64_t;

/// Money in millionths of a US dollar: prices per million tokens stay whole numbers.
using micro_dollars = std::int64_t;

}  // namespace nine
