#pragma once

#include <string>
#include <string_view>

namespace nine::model_client {

/// Text without what looks like a key ("sk-…" and other long runs of letters and digits behind a
/// known prefix): providers repeat parts of a wrong key in their messages.
std::string redact_keys(std::string_view text);

}  // namespace nine::model_client
