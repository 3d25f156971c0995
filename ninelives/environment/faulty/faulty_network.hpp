#pragma once

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/faulty/fault_plan.hpp"
#include "ninelives/environment/network.hpp"

namespace nine::environment {

/// Connections that are refused, slow, read in small parts, or cut in the middle. The side that
/// connects adds the faults, and the other side meets them, too; so listeners are passed on as they
/// are, and can be handed to a child process. It must outlive its streams. Thread: one executor.
class faulty_network final : public network {
 public:
  faulty_network(network& real, clock& time, random& chance, const fault_rates& rates)
      : real_(real), clock_(time), plan_(chance, rates) {}

  boost::asio::awaitable<result<std::unique_ptr<stream>>> connect(const endpoint& remote) override;
  result<std::unique_ptr<listener>> listen(const endpoint& local) override;
  result<std::unique_ptr<listener>> take_inherited(std::string_view name) override;

 private:
  class faulty_stream;
  struct connection;

  boost::asio::awaitable<result<std::unique_ptr<stream>>> connect_or_fail(endpoint remote);
  boost::asio::awaitable<void> wait_a_little();

  network& real_;
  clock& clock_;
  fault_plan plan_;
};

}  // namespace nine::environment
