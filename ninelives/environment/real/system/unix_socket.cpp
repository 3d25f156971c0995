#include "ninelives/environment/real/system/unix_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ninelives/environment/real/system/kernel_error.hpp"

namespace nine::environment::system {
namespace {

constexpr int backlog = 64;

result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(error_code::too_large, "a Unix socket's path has 1 to 107 bytes: " + path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

bool try_later(int number) {
  return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

}  // namespace

result<unix_stream> unix_stream::connect(const std::string& path) {
  NINE_TRY_ASSIGN(const auto address, address_of(path));
  descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made) return kernel_failure(errno, "make a socket");
  if (::connect(made.get(), generic(address), sizeof address) != 0) {
    return kernel_failure(errno, "connect to " + path);
  }
  return unix_stream(std::move(made));
}

result<std::optional<std::size_t>> unix_stream::read_some(std::span<char> buffer) {
  const auto got = ::recv(descriptor_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got >= 0) return static_cast<std::size_t>(got);
  if (try_later(errno)) return std::optional<std::size_t>();
  return kernel_failure(errno, "read from a connection");
}

result<std::size_t> unix_stream::write_some(std::string_view data) {
  const auto sent =
      ::send(descriptor_.get(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (try_later(errno)) return std::size_t{0};
  return kernel_failure(errno, "write to a connection");
}

result<unix_listener> unix_listener::adopt(descriptor listening) {
  int listens = 0;
  socklen_t size = sizeof listens;
  const bool is_one =
      ::getsockopt(listening.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 &&
      listens != 0;
  if (!is_one) {
    return fail(error_code::invalid_argument,
                "descriptor " + std::to_string(listening.get()) + " is no listening socket");
  }
  ::fcntl(listening.get(), F_SETFD, FD_CLOEXEC);
  ::fcntl(listening.get(), F_SETFL, ::fcntl(listening.get(), F_GETFL) | O_NONBLOCK);
  return unix_listener(std::move(listening));
}

result<unix_listener> unix_listener::bind(const std::string& path) {
  NINE_TRY_ASSIGN(const auto address, address_of(path));
  descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) return kernel_failure(errno, "make a socket");
  ::unlink(path.c_str());
  ::fchmod(made.get(), 0600);  // what bind gives the file
  if (::bind(made.get(), generic(address), sizeof address) != 0 ||
      ::listen(made.get(), backlog) != 0) {
    return kernel_failure(errno, "listen on " + path);
  }
  return unix_listener(std::move(made));
}

result<std::optional<unix_stream>> unix_listener::accept() {
  descriptor accepted(::accept4(descriptor_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (accepted) return unix_stream(std::move(accepted));
  if (try_later(errno) || errno == ECONNABORTED) return std::optional<unix_stream>();
  return kernel_failure(errno, "accept a connection");
}

std::string unix_listener::path() const {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return {};
  return std::string(address.sun_path, ::strnlen(address.sun_path, sizeof address.sun_path));
}

}  // namespace nine::environment::system
