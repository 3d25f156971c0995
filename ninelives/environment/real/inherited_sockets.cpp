#include "ninelives/environment/real/inherited_sockets.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>

#include "ninelives/environment/real/environment_variable.hpp"

namespace nine::environment {
namespace {

constexpr int first_descriptor = 3;
constexpr int sockets_most = 64;

std::optional<int> parse_number(std::string_view text) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_listening_socket(int socket) {
  int listening = 0;
  socklen_t size = sizeof listening;
  return ::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening == 1;
}

}  // namespace

std::vector<std::string> parse_inheritance(const inheritance& said, std::int32_t own_pid) {
  const auto count = parse_number(said.listen_fds);
  if (parse_number(said.listen_pid) != own_pid || !count) return {};
  if (*count <= 0 || *count > sockets_most) return {};

  std::vector<std::string> names;
  auto rest = said.listen_fdnames;
  while (names.size() < static_cast<std::size_t>(*count)) {
    const auto colon = rest.find(':');
    const auto name = rest.substr(0, colon);
    names.emplace_back(name.empty() ? "unknown" : name);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return names;
}

std::vector<inherited_socket> take_inherited_sockets() {
  const std::string pid = environment_variable("LISTEN_PID").value_or("");
  const std::string fds = environment_variable("LISTEN_FDS").value_or("");
  const std::string names = environment_variable("LISTEN_FDNAMES").value_or("");
  for (const auto* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    ::unsetenv(variable);

  std::vector<inherited_socket> taken;
  int number = first_descriptor;
  for (auto& name : parse_inheritance({pid, fds, names}, ::getpid())) {
    const int socket = number++;
    if (!is_listening_socket(socket)) continue;
    ::fcntl(socket, F_SETFD, FD_CLOEXEC);
    taken.push_back({std::move(name), system::descriptor(socket)});
  }
  return taken;
}

}  // namespace nine::environment
