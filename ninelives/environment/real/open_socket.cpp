#include "ninelives/environment/real/open_socket.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {

result<system::descriptor> open_socket(int family) {
  system::descriptor opened(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!opened) return system_failure(errno, "make a socket");
  return opened;
}

result<boost::asio::generic::stream_protocol::socket> adopt_socket(
    const boost::asio::any_io_executor& executor, system::descriptor opened, int family) {
  boost::asio::generic::stream_protocol::socket adopted(executor);
  const boost::asio::generic::stream_protocol protocol(family, 0);
  boost::system::error_code problem;
  adopted.assign(protocol, opened.get(), problem);
  if (problem) return system_failure(problem, "watch a socket");
  opened.release();
  return adopted;
}

}  // namespace nine::environment
