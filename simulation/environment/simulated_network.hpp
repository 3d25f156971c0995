#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ninelives/environment/network.hpp"
#include "simulation/environment/simulated_clock.hpp"
#include "simulation/environment/switchboard.hpp"

namespace nine::simulation {

/// Whose socket calls these are.
struct socket_owner {
  int pid = 0;
  lane& process;
};

class simulated_listener final : public environment::listener {
 public:
  simulated_listener(switchboard& board, socket_owner owner,
                     std::shared_ptr<listening_socket> socket)
      : board_(board), owner_(owner), socket_(std::move(socket)) {}
  ~simulated_listener() override { simulated_listener::close(); }

  boost::asio::awaitable<result<std::unique_ptr<environment::stream>>> accept() override;
  void close() override;
  environment::endpoint local_endpoint() const override { return socket_->where; }

  const std::shared_ptr<listening_socket>& socket() const { return socket_; }
  bool closed() const { return *closed_; }

 private:
  switchboard& board_;
  socket_owner owner_;
  std::shared_ptr<listening_socket> socket_;
  std::shared_ptr<bool> closed_ = std::make_shared<bool>(false);
};

class simulated_network final : public environment::network {
 public:
  simulated_network(switchboard& board, environment::clock& clock, socket_owner owner)
      : board_(board), clock_(clock), owner_(owner) {}

  boost::asio::awaitable<result<std::unique_ptr<environment::stream>>> connect(
      const environment::endpoint& remote) override;
  result<std::unique_ptr<environment::listener>> listen(
      const environment::endpoint& local) override;
  result<std::unique_ptr<environment::listener>> take_inherited(std::string_view name) override;

  void inherit(std::string name, std::shared_ptr<listening_socket> socket);

 private:
  switchboard& board_;
  environment::clock& clock_;
  socket_owner owner_;
  std::map<std::string, std::shared_ptr<listening_socket>, std::less<>> inherited_;
};

}  // namespace nine::simulation
