#include "ninelives/http/server.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <vector>

#include "ninelives/environment/deadline.hpp"
#include "ninelives/http/connection.hpp"

namespace nine::http {
namespace {

namespace asio = boost::asio;

/// Descriptors have run out, or memory: connections stay queued until some are free.
constexpr duration pause_after_failure = 100ms;

/// Takes a listener out of the list of those to close, however serve() ends.
class listed {
 public:
  listed(std::shared_ptr<server_state> server, environment::listener& source)
      : server_(std::move(server)) {
    place_ = server_->listeners.insert(server_->listeners.end(), &source);
  }
  listed(const listed&) = delete;
  listed& operator=(const listed&) = delete;
  ~listed() { server_->listeners.erase(place_); }

 private:
  std::shared_ptr<server_state> server_;
  std::list<environment::listener*>::iterator place_;
};

/// Connections may end while the list is walked.
std::vector<connection*> all_of(const server_state& server) {
  return {server.connections.begin(), server.connections.end()};
}

asio::awaitable<result<void>> wait_until_none(std::shared_ptr<server_state> server) {
  while (!server->connections.empty())
    co_await server->changed.wait();
  co_return result<void>();
}

}  // namespace

server::server(environment::clock& clock, handler answer, server_options options)
    : state_(std::make_shared<server_state>(clock, std::move(answer), options)) {}

server::~server() {
  state_->stopping = true;
  for (auto* open : all_of(*state_))
    open->cut();
}

asio::awaitable<void> server::serve(environment::listener& source) {
  const auto state = state_;
  const listed entry(state, source);
  const auto executor = co_await asio::this_coro::executor;
  while (!state->stopping) {
    while (state->connections.size() >= state->options.connections_most) {
      co_await state->changed.wait();
    }
    auto accepted = co_await source.accept();
    if (!accepted && accepted.error().code == error_code::cancelled) co_return;
    if (!accepted) {
      co_await state->clock.sleep_for(pause_after_failure);
      continue;
    }
    if (state->stopping) co_return;
    auto client = std::make_shared<connection>(state, *std::move(accepted));
    asio::co_spawn(executor, connection::run(client),
                   asio::bind_cancellation_slot(client->cancellation(), asio::detached));
  }
}

asio::awaitable<void> server::stop(duration grace) {
  const auto state = state_;
  state->stopping = true;
  for (auto* source : state->listeners)
    source->close();
  for (auto* open : all_of(*state))
    open->end_when_idle();
  const auto deadline = environment::after(state->clock.now(), grace);
  auto waiting = wait_until_none(state);
  auto ended = co_await environment::until(state->clock, deadline, std::move(waiting),
                                           "requests are running");
  if (ended) co_return;
  for (auto* open : all_of(*state))
    open->cut();
  co_await wait_until_none(state);
}

std::size_t server::connections() const {
  return state_->connections.size();
}

}  // namespace nine::http
