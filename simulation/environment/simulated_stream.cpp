#include "simulation/environment/simulated_stream.hpp"

#include <algorithm>
#include <utility>

#include "ninelives/base/assert.hpp"

namespace nine::simulation {
namespace {

using shared_end = std::shared_ptr<connection_end>;

/// Coroutines that hold the connection themselves: the stream may be gone when they end.
boost::asio::awaitable<result<std::size_t>> read_from(lane& mine, shared_end end,
                                                      std::span<char> buffer) {
  NINE_ASSERT(!buffer.empty());
  while (true) {
    if (end->closed()) co_return fail(error_code::cancelled, "read: Operation canceled");
    pipe& incoming = end->incoming();
    if (incoming.has_arrived()) {
      const auto taken = incoming.take(buffer.size());
      std::ranges::copy(taken, buffer.begin());
      co_return taken.size();
    }
    if (incoming.broken())
      co_return fail(error_code::unavailable, "read: Connection reset by peer");
    if (incoming.ended()) co_return std::size_t{0};
    co_await incoming.arrived().wait(mine);
  }
}

boost::asio::awaitable<result<void>> write_to(lane& mine, shared_end end, std::string_view data) {
  while (true) {
    if (end->closed()) co_return fail(error_code::cancelled, "write: Operation canceled");
    pipe& outgoing = end->outgoing();
    if (outgoing.reader_gone()) co_return fail(error_code::unavailable, "write: Broken pipe");
    const auto part = std::min(data.size(), outgoing.space());
    outgoing.send(data.substr(0, part));
    data.remove_prefix(part);
    if (data.empty()) co_return result<void>();
    co_await outgoing.space_changed().wait(mine);
  }
}

}  // namespace

void connection_end::close() {
  if (std::exchange(closed_, true)) return;
  if (incoming_->has_arrived()) outgoing_->break_off();
  incoming_->end_reading();
  outgoing_->end_writing();
  outgoing_->space_changed().wake_all();
}

boost::asio::awaitable<result<std::size_t>> simulated_stream::read_some(std::span<char> buffer) {
  return read_from(lane_, end_, buffer);
}

boost::asio::awaitable<result<void>> simulated_stream::write(std::string_view data) {
  return write_to(lane_, end_, data);
}

std::size_t simulated_stream::write_now(std::string_view data) {
  pipe& outgoing = end_->outgoing();
  if (end_->closed() || outgoing.reader_gone()) return 0;
  const auto part = std::min(data.size(), outgoing.space());
  if (part > 0) outgoing.send(data.substr(0, part));
  return part;
}

}  // namespace nine::simulation
