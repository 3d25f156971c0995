#pragma once

#include <string>
#include <string_view>

namespace nine::configuration {

/// docs/configuration.md, from the tables of the schema. A test proves that the file equals it.
std::string reference_markdown();

/// The nine.yaml that the reference shows first.
std::string_view reference_example();

}  // namespace nine::configuration
