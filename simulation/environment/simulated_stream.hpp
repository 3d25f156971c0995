#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "ninelives/environment/network.hpp"
#include "simulation/environment/pipe.hpp"

namespace nine::simulation {

/// One end of a connection: the pipe it reads from and the pipe it writes to.
class connection_end {
 public:
  connection_end(std::shared_ptr<pipe> incoming, std::shared_ptr<pipe> outgoing)
      : incoming_(std::move(incoming)), outgoing_(std::move(outgoing)) {}

  pipe& incoming() { return *incoming_; }
  pipe& outgoing() { return *outgoing_; }
  bool closed() const { return closed_; }

  /// Both directions; the other side reads what was sent, then the end. As the kernel does it, the
  /// other side's connection breaks when it had sent what was never read.
  void close();

 private:
  std::shared_ptr<pipe> incoming_;
  std::shared_ptr<pipe> outgoing_;
  bool closed_ = false;
};

class simulated_stream final : public environment::stream {
 public:
  simulated_stream(lane& mine, std::shared_ptr<connection_end> end)
      : lane_(mine), end_(std::move(end)) {}
  ~simulated_stream() override { end_->close(); }

  boost::asio::awaitable<result<std::size_t>> read_some(std::span<char> buffer) override;
  boost::asio::awaitable<result<void>> write(std::string_view data) override;
  std::size_t write_now(std::string_view data) override;
  void close() override { end_->close(); }

 private:
  lane& lane_;
  std::shared_ptr<connection_end> end_;
};

}  // namespace nine::simulation
