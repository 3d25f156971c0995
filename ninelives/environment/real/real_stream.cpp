#include "ninelives/environment/real/real_stream.hpp"

#include <sys/socket.h>

#include "ninelives/environment/real/stream_operations.hpp"

namespace nine::environment {

real_stream::real_stream(socket connected)
    : socket_(std::make_shared<socket>(std::move(connected))) {}

real_stream::~real_stream() {
  real_stream::close();
}

boost::asio::awaitable<result<std::size_t>> real_stream::read_some(std::span<char> buffer) {
  return read_some_from(socket_, buffer);
}

boost::asio::awaitable<result<void>> real_stream::write(std::string_view data) {
  return write_all_to(socket_, data);
}

std::size_t real_stream::write_now(std::string_view data) {
  constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  const auto taken = ::send(native_handle(), data.data(), data.size(), flags);
  return taken > 0 ? static_cast<std::size_t>(taken) : 0;
}

void real_stream::close() {
  boost::system::error_code ignored;
  socket_->close(ignored);
}

int real_stream::native_handle() const {
  return socket_->is_open() ? socket_->native_handle() : -1;
}

}  // namespace nine::environment
