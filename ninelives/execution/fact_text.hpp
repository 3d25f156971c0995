#pragma once

#include <string>

#include "ninelives/execution/facts.hpp"

namespace nine::execution {

/// What happened, in a sentence for people: the log, `nine events` and `nine task explain` say the
/// same. The text of the task and its results stay out of it.
std::string sentence_of(const event& fact);

}  // namespace nine::execution
