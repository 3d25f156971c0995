#include "ninelives/environment/real/connect_to_any.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <optional>

#include "ninelives/environment/real/open_socket.hpp"
#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;
using socket_t = asio::generic::stream_protocol::socket;
using address_t = asio::generic::stream_protocol::endpoint;

/// As RFC 8305 recommends it.
constexpr auto next_address_after = std::chrono::milliseconds(250);

/// The attempts under way. Their handlers share it: they may run when nobody waits any more.
struct attempts {
  explicit attempts(const asio::any_io_executor& executor) : turn(executor) {}

  bool next_has_its_turn() const {
    return under_way.empty() || turn.expiry() <= asio::steady_timer::clock_type::now();
  }

  std::list<socket_t> under_way;
  std::optional<socket_t> connected;
  error last{error_code::unavailable, "no address"};
  asio::steady_timer turn;  ///< over when the next address may be tried, and when one has ended
};

/// However the waiting ends, nothing goes on behind it.
struct closing {
  std::shared_ptr<attempts> all;

  ~closing() {
    boost::system::error_code ignored;
    for (auto& attempt : all->under_way)
      attempt.close(ignored);
  }
};

void end(attempts& all, std::list<socket_t>::iterator attempt,
         const boost::system::error_code& problem) {
  auto ended = std::move(*attempt);
  all.under_way.erase(attempt);
  if (problem) {
    all.last = system_failure(problem, "connect").error();
  } else if (!all.connected) {
    all.connected = std::move(ended);
  }
  all.turn.expires_at(asio::steady_timer::time_point::min());
}

void set_option(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

result<socket_t> make_socket(const asio::any_io_executor& executor, int family) {
  NINE_TRY_ASSIGN(auto opened, open_socket(family));
  set_option(opened.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(opened.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
  return adopt_socket(executor, std::move(opened), family);
}

void begin(const std::shared_ptr<attempts>& all, const address_t& remote) {
  all->turn.expires_after(next_address_after);
  auto made = make_socket(all->turn.get_executor(), remote.data()->sa_family);
  if (!made) {
    all->last = std::move(made).error();
    return;
  }
  const auto attempt = all->under_way.insert(all->under_way.end(), *std::move(made));
  attempt->async_connect(remote, [all, attempt](const boost::system::error_code& problem) {
    end(*all, attempt, problem);
  });
}

}  // namespace

asio::awaitable<result<socket_t>> connect_to_any(std::vector<address_t> addresses) {
  const auto executor = co_await asio::this_coro::executor;
  const auto all = std::make_shared<attempts>(executor);
  const closing at_the_end{all};
  auto next = addresses.begin();
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  while (!all->connected) {
    if (next != addresses.end() && all->next_has_its_turn()) {
      begin(all, *next++);
      continue;
    }
    if (all->under_way.empty()) co_return std::unexpected(all->last);
    if (next == addresses.end()) all->turn.expires_at(asio::steady_timer::time_point::max());
    co_await all->turn.async_wait(token);
    throw_if_cancelled(co_await asio::this_coro::cancellation_state);
  }
  co_return *std::move(all->connected);
}

}  // namespace nine::environment
