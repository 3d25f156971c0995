#include "ninelives/environment/real/resolve.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>

#include "ninelives/environment/real/socket_address.hpp"
#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;
using addresses = std::vector<asio::generic::stream_protocol::endpoint>;
using results = asio::ip::tcp::resolver::results_type;

/// Asio's resolver blocks a thread of its own in getaddrinfo and ignores cancellation slots; with
/// it alone no time-out on a connection would fire before the name server has answered.
template <class Handler>
struct look_up {
  look_up(const asio::any_io_executor& executor, Handler completion)
      : resolver(executor), handler(std::move(completion)) {}

  void complete(boost::system::error_code problem, results found) {
    if (!handler) return;
    auto taken = std::move(*handler);
    handler.reset();
    asio::post(resolver.get_executor(),
               [taken = std::move(taken), problem, found = std::move(found)]() mutable {
                 std::move(taken)(problem, std::move(found));
               });
  }

  asio::ip::tcp::resolver resolver;
  std::optional<Handler> handler;
};

asio::awaitable<std::tuple<boost::system::error_code, results>> look_up_name(std::string host,
                                                                             std::string port) {
  const auto executor = co_await asio::this_coro::executor;
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  // Captures by reference only: g++ 12 destroys what a temporary in a co_await operand owns twice.
  auto begin = [&executor, &host, &port](auto handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto state = std::make_shared<look_up<decltype(handler)>>(executor, std::move(handler));
    if (slot.is_connected()) {
      // Weak: the slot belongs to the coroutine that the handler keeps alive.
      slot.assign([weak = std::weak_ptr(state)](asio::cancellation_type) {
        if (auto alive = weak.lock()) alive->complete(asio::error::operation_aborted, {});
      });
    }
    state->resolver.async_resolve(host, port, asio::ip::tcp::resolver::numeric_service,
                                  [state, slot](auto problem, auto found) mutable {
                                    if (state->handler && slot.is_connected()) slot.clear();
                                    state->complete(problem, std::move(found));
                                  });
  };
  co_return co_await asio::async_initiate<decltype(token),
                                          void(boost::system::error_code, results)>(begin, token);
}

/// What "localhost" means, and nothing else (RFC 6761, 6.3), also where no /etc/hosts says so, as
/// in a bare container.
addresses loopback(std::uint16_t port) {
  addresses both;
  for (const char* const literal : {"127.0.0.1", "::1"})
    both.push_back(*parse_ip_address(literal, port));
  return both;
}

}  // namespace

asio::awaitable<result<addresses>> resolve(std::string host, std::uint16_t port) {
  if (auto literal = parse_ip_address(host, port)) co_return addresses{*literal};
  auto [problem, found] = co_await look_up_name(host, std::to_string(port));
  if (problem) {
    throw_if_cancelled(co_await asio::this_coro::cancellation_state);
    if (host == "localhost") co_return loopback(port);
    co_return fail(error_code::unavailable, "look up '" + host + "': " + problem.message());
  }
  addresses usable;
  for (const auto& entry : found)
    usable.emplace_back(entry.endpoint());
  if (usable.empty()) co_return fail(error_code::unavailable, "look up '" + host + "': no address");
  co_return usable;
}

}  // namespace nine::environment
