#include "ninelives/supervision/shim_connection.hpp"

#include <array>
#include <utility>
#include <variant>

namespace nine::supervision {

namespace asio = boost::asio;

namespace {

constexpr std::size_t read_bytes = 1 * KiB;
constexpr std::uint16_t hello_kind = 0;  // the index of core_hello in shim::request

}  // namespace

shim_connection::shim_connection(std::unique_ptr<environment::stream> stream,
                                 coroutine_scope& scope)
    : stream_(std::move(stream)), scope_(scope) {}

asio::awaitable<result<shim::shim_hello>> shim_connection::greet(core_epoch core) {
  send(shim::core_hello{shim::protocol_version, core});
  NINE_CO_TRY_ASSIGN(auto answer, co_await receive());
  if (auto* hello = std::get_if<shim::shim_hello>(&answer)) co_return std::move(*hello);
  const auto* refused = std::get_if<shim::refused>(&answer);
  if (refused && refused->request_kind == hello_kind)
    co_return fail(error_code::fenced, "the shim serves a newer core: " + refused->reason);
  co_return fail(error_code::protocol_error, "the shim did not answer hello with hello");
}

asio::awaitable<result<shim::event>> shim_connection::receive() {
  std::array<char, read_bytes> buffer;
  for (;;) {
    NINE_CO_TRY_ASSIGN(const auto payload, frames_.next());
    if (!payload.empty()) co_return shim::decode_event(payload);
    NINE_CO_TRY_ASSIGN(const auto count, co_await stream_->read_some(buffer));
    if (count == 0) co_return fail(error_code::unavailable, "the shim ended the connection");
    frames_.feed({buffer.data(), count});
  }
}

void shim_connection::send(const shim::request& message) {
  if (closed_) return;
  auto frame = shim::encode(message);
  if (!writing_) frame.erase(0, stream_->write_now(frame));  // nearly always all of it
  if (frame.empty()) return;
  waiting_ += frame;
  if (waiting_.size() > waiting_bytes_most) {
    close();
  } else if (!std::exchange(writing_, true)) {
    scope_.spawn(write_out(shared_from_this()));
  }
}

asio::awaitable<void> shim_connection::write_out(std::shared_ptr<shim_connection> self) {
  while (!self->waiting_.empty() && !self->closed_) {
    const auto batch = std::exchange(self->waiting_, {});
    const auto written = co_await self->stream_->write(batch);
    if (!written) self->close();
  }
  self->writing_ = false;
}

void shim_connection::close() {
  if (std::exchange(closed_, true)) return;
  stream_->close();
}

}  // namespace nine::supervision
