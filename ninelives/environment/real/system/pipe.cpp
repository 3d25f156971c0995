#include "ninelives/environment/real/system/pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "ninelives/environment/real/system/kernel_error.hpp"

namespace nine::environment::system {

result<pipe_ends> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return kernel_failure(errno, "make a pipe");
  pipe_ends made{descriptor(ends[0]), descriptor(ends[1])};
  ::fcntl(made.read_end.get(), F_SETFL, O_NONBLOCK);  // the writer's end is the agent's: it blocks
  return made;
}

std::optional<std::size_t> read_some(int native, std::span<char> buffer) {
  const auto got = ::read(native, buffer.data(), buffer.size());
  if (got >= 0) return static_cast<std::size_t>(got);
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  return 0;
}

result<descriptor> open_to_read(const std::string& file) {
  // O_NONBLOCK only for the opening: a fifo without a writer must not hang this process.
  descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!opened) return kernel_failure(errno, "open " + file);
  ::fcntl(opened.get(), F_SETFL, ::fcntl(opened.get(), F_GETFL) & ~O_NONBLOCK);
  return opened;
}

}  // namespace nine::environment::system
