#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment {

/// A listening socket received from the parent.
struct inherited_socket {
  std::string name;
  system::descriptor socket;
};

/// What the parent said about the sockets it handed over: the convention of systemd's
/// sd_listen_fds(3), which our guard speaks, too.
struct inheritance {
  std::string_view listen_pid;
  std::string_view listen_fds;
  std::string_view listen_fdnames;
};

/// The names of the sockets at descriptors 3, 4, …; empty when they are meant for another process
/// or nothing sensible was said. A socket without a name is "unknown", as in sd_listen_fds(3).
std::vector<std::string> parse_inheritance(const inheritance& said, std::int32_t own_pid);

/// Takes the sockets named in this process's environment and removes the variables, so that no
/// child mistakes them for its own. The descriptors become close-on-exec; what is not a listening
/// socket is left alone. Call once, at the start of a program.
std::vector<inherited_socket> take_inherited_sockets();

}  // namespace nine::environment
