#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nine::configuration {

/// How many single letters must be put in, taken out, replaced, or swapped with their neighbour to
/// make one text of the other (optimal string alignment distance). Texts over 64 bytes: at most the
/// longer length, not computed.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// The one of `known` most like `name`, unless none is like it (more than a third of its letters,
/// and at least two, would have to change).
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> known);

/// "; did you mean 'command'?", or "; known are: a, b, c" when nothing is near, at most 20 of them.
std::string suggestion(std::string_view name, std::span<const std::string> known);

}  // namespace nine::configuration
