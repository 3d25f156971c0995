#pragma once

#include <string>
#include <vector>

#include "ninelives/journal/fact.hpp"

namespace nine::demo {

/// Reads a whole journal as an outsider and says what should never be in one: a task without
/// exactly one result, a step done twice, an epoch that does not rise, facts out of order. Empty:
/// all is well. Pure.
std::vector<std::string> audit(const std::vector<journal::fact>& facts);

}  // namespace nine::demo
