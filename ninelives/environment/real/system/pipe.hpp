#pragma once

#include <optional>
#include <span>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment::system {

struct pipe_ends {
  descriptor read_end;  ///< never blocks
  descriptor write_end;
};

result<pipe_ends> make_pipe();

/// Empty: nothing is there yet. 0: the end, an unreadable descriptor included.
std::optional<std::size_t> read_some(int native, std::span<char> buffer);

/// Opens for reading, close-on-exec.
result<descriptor> open_to_read(const std::string& file);

}  // namespace nine::environment::system
