#include "ninelives/environment/real/real_listener.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "ninelives/environment/real/open_socket.hpp"
#include "ninelives/environment/real/real_stream.hpp"
#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;

/// These say something about one connection that is gone already, not about the listener
/// (accept(2)).
bool concerns_one_connection(int problem) {
  return problem == ECONNABORTED || problem == EINTR || problem == EPROTO || problem == ENETDOWN ||
         problem == EHOSTUNREACH || problem == ENETUNREACH;
}

/// Small messages both ways: without this each waits for the acknowledgement of the one before.
void send_without_delay(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

result<std::unique_ptr<stream>> wrap(const asio::any_io_executor& executor,
                                     system::descriptor accepted, bool tcp) {
  if (tcp) send_without_delay(accepted.get());
  NINE_TRY_ASSIGN(auto socket,
                  adopt_socket(executor, std::move(accepted), tcp ? AF_INET : AF_UNIX));
  return std::make_unique<real_stream>(std::move(socket));
}

}  // namespace

real_listener::real_listener(const asio::any_io_executor& executor, system::descriptor listening,
                             endpoint local)
    : descriptor_(std::make_shared<asio::posix::stream_descriptor>(executor, listening.get())),
      local_(std::move(local)) {
  listening.release();
  ::fcntl(native_handle(), F_SETFL, ::fcntl(native_handle(), F_GETFL) | O_NONBLOCK);
}

real_listener::~real_listener() {
  real_listener::close();
}

asio::awaitable<result<std::unique_ptr<stream>>> real_listener::accept() {
  const auto listening = descriptor_;  // this object may be gone when the wait ends
  const bool tcp = std::holds_alternative<tcp_endpoint>(local_);
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  while (listening->is_open()) {
    const auto [problem] =
        co_await listening->async_wait(asio::posix::descriptor_base::wait_read, token);
    if (problem) throw_if_cancelled(co_await asio::this_coro::cancellation_state);
    if (!listening->is_open()) break;
    if (problem) co_return system_failure(problem, "accept");
    system::descriptor accepted(
        ::accept4(listening->native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted) co_return wrap(listening->get_executor(), std::move(accepted), tcp);
    // EAGAIN: another process that shares the socket was quicker.
    if (errno != EAGAIN && !concerns_one_connection(errno)) {
      co_return system_failure(errno, "accept");
    }
  }
  co_return fail(error_code::cancelled, "accept: the listener was closed");
}

void real_listener::close() {
  boost::system::error_code ignored;
  descriptor_->close(ignored);
}

int real_listener::native_handle() const {
  return descriptor_->is_open() ? descriptor_->native_handle() : -1;
}

}  // namespace nine::environment
