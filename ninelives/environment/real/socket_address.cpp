#include "ninelives/environment/real/socket_address.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "ninelives/base/assert.hpp"
#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;

// One byte of sun_path is the terminator.
constexpr std::size_t path_bytes_most = sizeof(sockaddr_un::sun_path) - 1;

asio::generic::stream_protocol::endpoint unix_endpoint_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return {&address, offsetof(sockaddr_un, sun_path) + path.size() + 1, 0};
}

result<endpoint> unix_local_endpoint(const sockaddr_storage& storage, socklen_t size) {
  sockaddr_un address{};
  std::memcpy(&address, &storage, sizeof address);
  const std::size_t prefix = offsetof(sockaddr_un, sun_path);
  const std::size_t length = size > prefix ? size - prefix : 0;
  const std::string path(address.sun_path, ::strnlen(address.sun_path, length));
  return unix_endpoint{path};
}

}  // namespace

result<unix_address> make_unix_address(const std::filesystem::path& path) {
  const std::string whole = path.string();
  if (whole.empty() || whole.contains('\0')) {
    return fail(error_code::invalid_argument, "a Unix socket needs a path");
  }
  if (whole.size() <= path_bytes_most) return unix_address{unix_endpoint_of(whole), {}};

  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  system::descriptor directory(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return system_failure(errno, "open directory '" + parent.string() + "'");
  const std::string detour =
      "/proc/self/fd/" + std::to_string(directory.get()) + "/" + path.filename().string();
  if (detour.size() > path_bytes_most) {
    return fail(error_code::too_large,
                "'" + whole + "' is too long a path for a Unix socket; shorten the file's name");
  }
  return unix_address{unix_endpoint_of(detour), std::move(directory)};
}

result<asio::generic::stream_protocol::endpoint> parse_ip_address(const std::string& host,
                                                                  std::uint16_t port) {
  boost::system::error_code problem;
  const auto address = asio::ip::make_address(host, problem);
  if (problem) return fail(error_code::invalid_argument, "'" + host + "' is not an IP address");
  return asio::generic::stream_protocol::endpoint(asio::ip::tcp::endpoint(address, port));
}

result<endpoint> local_endpoint_of(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return system_failure(errno, "getsockname");
  }
  if (storage.ss_family == AF_UNIX) return unix_local_endpoint(storage, size);
  if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6) {
    return fail(error_code::invalid_argument, "the socket is neither Unix nor TCP");
  }
  asio::ip::tcp::endpoint address;
  NINE_ASSERT(size <= address.capacity());
  std::memcpy(address.data(), &storage, size);
  address.resize(size);
  return tcp_endpoint{.host = address.address().to_string(), .port = address.port()};
}

std::string to_string(const endpoint& where) {
  if (const auto* local = std::get_if<unix_endpoint>(&where)) {
    return "unix socket '" + local->path.string() + "'";
  }
  const auto& remote = std::get<tcp_endpoint>(where);
  const bool bracketed = remote.host.contains(':');
  return (bracketed ? "[" + remote.host + "]" : remote.host) + ":" + std::to_string(remote.port);
}

}  // namespace nine::environment
