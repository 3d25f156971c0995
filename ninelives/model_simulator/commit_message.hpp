#pragma once

#include <string>
#include <string_view>

namespace nine::model_simulator {

/// A commit message for the unified diff somewhere in `prompt`: a subject of at most 72 bytes, an
/// empty line, a line for each of the first files. Made from file names and counted lines alone, so
/// the same diff always gets the same message. Without a diff: a subject about nothing in
/// particular.
std::string commit_message_for(std::string_view prompt);

constexpr std::size_t subject_bytes_most = 72;

}  // namespace nine::model_simulator
