#pragma once

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/faulty/fault_plan.hpp"
#include "ninelives/environment/network.hpp"

namespace nine::environment {

/// Connections that are refused, slow, read in small parts, or cut in the middle, on both the
/// connecting and the accepting side. It must outlive its streams and listeners. A faulty listener
/// cannot be handed to a child process. Thread: one executor.
class faulty_network final : public network {
 public:
  faulty_network(network& real, clock& time, random& chance, fault_rates rates)
      : real_(real), clock_(time), plan_(chance, rates) {}

  boost::asio::awaitable<result<std::unique_ptr<stream>>> connect(const endpoint& remote) override;
  result<std::unique_ptr<listener>> listen(const endpoint& local) override;
  result<std::unique_ptr<listener>> take_inherited(std::string_view name) override;

 private:
  class faulty_stream;
  class faulty_listener;

  boost::asio::awaitable<result<std::unique_ptr<stream>>> connect_or_fail(endpoint remote);
  boost::asio::awaitable<void> wait_a_little();
  std::unique_ptr<stream> wrap(std::unique_ptr<stream> inner);
  std::unique_ptr<listener> wrap(std::unique_ptr<listener> inner);

  network& real_;
  clock& clock_;
  fault_plan plan_;
};

}  // namespace nine::environment
