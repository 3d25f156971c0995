#pragma once

#include <string>
#include <string_view>

#include "ninelives/configuration/settings.hpp"

namespace nine::quality {

/// What a check found. A failed one says what is wrong so that the next attempt can mend it.
struct finding {
  bool passed = false;
  std::string evidence;
};

/// The name people see: "non_empty", "first_line_max 72", "not_copy_of_input 0.85".
std::string name_of(const configuration::validation& validation);

/// Judges a result against one condition (Q1). Pure; time linear in the sizes of both texts.
finding validate(const configuration::validation& validation, std::string_view result,
                 std::string_view input);

/// How much of `result` stands in `input` word for word: the share of its runs of four words (of
/// its lines, when it is shorter than that) that occur there, from 0 to 1. An empty result has
/// similarity 0.
double similarity(std::string_view result, std::string_view input);

}  // namespace nine::quality
