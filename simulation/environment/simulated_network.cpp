#include "simulation/environment/simulated_network.hpp"

#include <fmt/format.h>

#include <utility>

namespace nine::simulation {
namespace {

using environment::stream;

boost::asio::awaitable<result<std::unique_ptr<stream>>> accept_from(
    switchboard& board, socket_owner owner, std::shared_ptr<listening_socket> socket,
    std::shared_ptr<bool> closed) {
  while (true) {
    if (*closed) co_return fail(error_code::cancelled, "accept: Operation canceled");
    if (!socket->waiting.empty()) {
      auto end = std::move(socket->waiting.front());
      socket->waiting.pop_front();
      board.own(end, owner.pid);
      co_return std::make_unique<simulated_stream>(owner.process, std::move(end));
    }
    co_await socket->changed.wait(owner.process);
  }
}

}  // namespace

boost::asio::awaitable<result<std::unique_ptr<stream>>> simulated_listener::accept() {
  return accept_from(board_, owner_, socket_, closed_);
}

void simulated_listener::close() {
  if (std::exchange(*closed_, true)) return;
  board_.release(socket_, owner_.pid);
  socket_->changed.wake_all();
}

boost::asio::awaitable<result<std::unique_ptr<stream>>> simulated_network::connect(
    const environment::endpoint& remote) {
  const auto where = remote;
  const auto delay = board_.draw_delay();
  co_await clock_.sleep_for(delay);
  auto end = board_.connect(where, owner_.pid);
  if (!end) co_return std::unexpected(std::move(end).error());
  co_return std::make_unique<simulated_stream>(owner_.process, *std::move(end));
}

result<std::unique_ptr<environment::listener>> simulated_network::listen(
    const environment::endpoint& local) {
  NINE_TRY_ASSIGN(auto socket, board_.listen(local, owner_.pid));
  return std::make_unique<simulated_listener>(board_, owner_, std::move(socket));
}

result<std::unique_ptr<environment::listener>> simulated_network::take_inherited(
    std::string_view name) {
  const auto found = inherited_.find(name);
  if (found == inherited_.end()) {
    return fail(error_code::not_found, fmt::format("no listener '{}' was handed over", name));
  }
  auto socket = std::move(found->second);
  inherited_.erase(found);
  return std::make_unique<simulated_listener>(board_, owner_, std::move(socket));
}

void simulated_network::inherit(std::string name, std::shared_ptr<listening_socket> socket) {
  board_.hold(socket, owner_.pid);
  inherited_[std::move(name)] = std::move(socket);
}

}  // namespace nine::simulation
