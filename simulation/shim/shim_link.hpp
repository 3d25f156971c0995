#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "ninelives/environment/network.hpp"
#include "ninelives/supervision/shim/shim_core.hpp"

namespace nine::simulation {

/// One connection of a simulated shim: frames in, frames out.
class shim_link : public std::enable_shared_from_this<shim_link> {
 public:
  using sink = std::function<void(supervision::shim::shim_input)>;

  shim_link(std::unique_ptr<environment::stream> stream, supervision::shim::connection_id id,
            sink inputs)
      : stream_(std::move(stream)), id_(id), inputs_(std::move(inputs)) {}

  /// Reads until the connection ends.
  boost::asio::awaitable<void> read();
  void send(boost::asio::any_io_executor executor, std::string frame);
  void close_when_sent();

 private:
  bool take(std::string_view data);
  static boost::asio::awaitable<void> write(std::shared_ptr<shim_link> self);

  std::unique_ptr<environment::stream> stream_;
  supervision::shim::connection_id id_;
  sink inputs_;
  supervision::shim::frame_reader reader_;
  std::deque<std::string> unsent_;
  bool writing_ = false;
  bool closing_ = false;
};

}  // namespace nine::simulation
