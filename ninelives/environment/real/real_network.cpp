#include "ninelives/environment/real/real_network.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "ninelives/environment/real/connect_to_any.hpp"
#include "ninelives/environment/real/open_socket.hpp"
#include "ninelives/environment/real/real_listener.hpp"
#include "ninelives/environment/real/real_stream.hpp"
#include "ninelives/environment/real/resolve.hpp"
#include "ninelives/environment/real/socket_address.hpp"
#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;

/// A thousand shims may connect to a new core within a moment.
constexpr int backlog = 4096;

void set_option(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

result<system::descriptor> bind_unix(const unix_endpoint& local) {
  NINE_TRY_ASSIGN(const auto named, make_unix_address(local.path));
  NINE_TRY_ASSIGN(auto opened, open_socket(AF_UNIX));
  // On Linux the file that bind() makes takes over the mode of the socket, so there is no instant
  // at which others could connect, and the process's umask is left alone.
  if (::fchmod(opened.get(), 0600) != 0) return system_failure(errno, "set the mode of a socket");
  if (::unlink(local.path.c_str()) != 0 && errno != ENOENT && errno != ENAMETOOLONG) {
    return system_failure(errno, "replace the socket file");
  }
  if (::bind(opened.get(), named.address.data(), static_cast<socklen_t>(named.address.size()))) {
    return system_failure(errno, "bind");
  }
  return opened;
}

result<system::descriptor> bind_tcp(const tcp_endpoint& local) {
  if (local.tls) return fail(error_code::invalid_argument, "listening with TLS is not supported");
  const std::string host = local.host == "localhost" ? "127.0.0.1" : local.host;
  NINE_TRY_ASSIGN(const auto named, parse_ip_address(host, local.port));
  NINE_TRY_ASSIGN(auto opened, open_socket(named.data()->sa_family));
  set_option(opened.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (::bind(opened.get(), named.data(), static_cast<socklen_t>(named.size()))) {
    return system_failure(errno, "bind");
  }
  return opened;
}

result<system::descriptor> bind_and_listen(const endpoint& local) {
  const auto* file = std::get_if<unix_endpoint>(&local);
  NINE_TRY_ASSIGN(auto bound, file ? bind_unix(*file) : bind_tcp(std::get<tcp_endpoint>(local)));
  if (::listen(bound.get(), backlog) != 0) return system_failure(errno, "listen");
  return bound;
}

/// Connecting to a path where no socket is means the same as one where nobody listens.
std::unexpected<error> unix_connect_failure(int problem, const unix_endpoint& remote) {
  auto failed = system_failure(problem, "connect to " + to_string(remote)).error();
  if (failed.code == error_code::not_found) failed.code = error_code::unavailable;
  return std::unexpected(std::move(failed));
}

}  // namespace

real_network::real_network(asio::any_io_executor executor, std::vector<inherited_socket> inherited)
    : executor_(std::move(executor)), inherited_(std::move(inherited)) {}

asio::awaitable<result<std::unique_ptr<stream>>> real_network::connect(const endpoint& remote) {
  if (const auto* local = std::get_if<unix_endpoint>(&remote)) return connect_unix(*local);
  return connect_tcp(std::get<tcp_endpoint>(remote));
}

asio::awaitable<result<std::unique_ptr<stream>>> real_network::connect_unix(unix_endpoint remote) {
  auto named = make_unix_address(remote.path);
  if (!named && named.error().code == error_code::not_found) {
    named.error().code = error_code::unavailable;
  }
  if (!named) co_return with_context("connect to " + to_string(remote), named.error());
  NINE_CO_TRY_ASSIGN(auto opened, open_socket(AF_UNIX));
  // A full backlog is EAGAIN here, and nothing tells when it has room again (connect(2)).
  constexpr int tries_most = 200;
  asio::steady_timer pause(executor_);
  for (int tried = 1;; ++tried) {
    const auto size = static_cast<socklen_t>(named->address.size());
    if (::connect(opened.get(), named->address.data(), size) == 0) break;
    if ((errno != EAGAIN && errno != EINTR) || tried == tries_most) {
      co_return unix_connect_failure(errno, remote);
    }
    pause.expires_after(std::chrono::milliseconds(5));
    co_await pause.async_wait(asio::use_awaitable);
  }
  NINE_CO_TRY_ASSIGN(auto connected, adopt_socket(executor_, std::move(opened), AF_UNIX));
  std::unique_ptr<stream> wrapped = std::make_unique<real_stream>(std::move(connected));
  co_return wrapped;
}

asio::awaitable<result<std::unique_ptr<stream>>> real_network::connect_tcp(tcp_endpoint remote) {
  const std::string context = to_string(remote);
  auto addresses = co_await resolve(remote.host, remote.port);
  if (!addresses) co_return with_context(context, std::move(addresses).error());
  auto connected = co_await connect_to_any(*std::move(addresses));
  if (!connected) co_return with_context(context, std::move(connected).error());
  if (remote.tls) co_return co_await tls_.handshake(*std::move(connected), remote.host);
  std::unique_ptr<stream> wrapped = std::make_unique<real_stream>(*std::move(connected));
  co_return wrapped;
}

result<std::unique_ptr<listener>> real_network::listen(const endpoint& local) {
  auto bound = bind_and_listen(local);
  if (!bound) return with_context("listen on " + to_string(local), std::move(bound).error());
  endpoint named = local;
  if (std::holds_alternative<tcp_endpoint>(local)) {
    NINE_TRY_ASSIGN(named, local_endpoint_of(bound->get()));
  }
  return std::make_unique<real_listener>(executor_, *std::move(bound), std::move(named));
}

result<std::unique_ptr<listener>> real_network::take_inherited(std::string_view name) {
  const auto found = std::ranges::find(inherited_, name, &inherited_socket::name);
  if (found == inherited_.end()) {
    return fail(error_code::not_found,
                "no listening socket '" + std::string(name) + "' was handed over at start");
  }
  system::descriptor taken = std::move(found->socket);
  inherited_.erase(found);
  NINE_TRY_ASSIGN(auto local, local_endpoint_of(taken.get()));
  return std::make_unique<real_listener>(executor_, std::move(taken), std::move(local));
}

}  // namespace nine::environment
