#pragma once

#include <string_view>

#include "ninelives/base/result.hpp"

namespace nine::execution {

/// What doing a step twice would mean (D2); decides what happens to a step whose result is not
/// known.
enum class effect {
  pure,         ///< changes nothing outside: done again
  idempotent,   ///< done again with the same key
  verifiable,   ///< the agent asks the outside whether it happened
  once,         ///< never done again: parked as uncertain until a person decides
  compensable,  ///< undone first, then done again
};

std::string_view to_string(effect kind);
/// Error: invalid_argument, with the kinds there are.
result<effect> parse_effect(std::string_view text);

}  // namespace nine::execution
