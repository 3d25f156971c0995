#include "simulation/shim/shim_link.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string_view>
#include <utility>

namespace nine::simulation {

namespace shim = supervision::shim;

boost::asio::awaitable<void> shim_link::read() {
  char buffer[4096];
  while (true) {
    const auto count = co_await stream_->read_some(buffer);
    if (!count || *count == 0 || !take({buffer, *count})) break;
  }
  stream_->close();
  inputs_(shim::connection_closed{id_});
}

/// False: the peer broke the protocol.
bool shim_link::take(std::string_view data) {
  reader_.feed(data);
  while (true) {
    auto payload = reader_.next();
    if (payload && payload->empty()) return true;
    auto request = payload ? shim::decode_request(*payload) : std::unexpected(payload.error());
    if (!request) {
      inputs_(shim::protocol_violated{id_, request.error().message});
      return false;
    }
    inputs_(shim::request_received{id_, *std::move(request)});
  }
}

void shim_link::send(boost::asio::any_io_executor executor, std::string frame) {
  unsent_.push_back(std::move(frame));
  if (std::exchange(writing_, true)) return;
  boost::asio::co_spawn(executor, write(shared_from_this()), boost::asio::detached);
}

void shim_link::close_when_sent() {
  closing_ = true;
  if (!writing_) stream_->close();
}

boost::asio::awaitable<void> shim_link::write(std::shared_ptr<shim_link> self) {
  while (!self->unsent_.empty()) {
    const auto frame = std::move(self->unsent_.front());
    self->unsent_.pop_front();
    const auto written = co_await self->stream_->write(frame);
    if (!written) self->unsent_.clear();
  }
  self->writing_ = false;
  if (self->closing_) self->stream_->close();
}

}  // namespace nine::simulation
