#include "ninelives/environment/real/real_notification.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;

struct datagram_address {
  sockaddr_un name{};
  socklen_t size = 0;

  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&name); }
};

/// A path, or '@' and an abstract name (unix(7): those begin with a zero byte and have no end
/// mark).
result<datagram_address> make_address(std::string_view text) {
  datagram_address address;
  const bool abstract = text.starts_with('@');
  if ((!abstract && !text.starts_with('/')) || text.size() >= sizeof address.name.sun_path) {
    return fail(error_code::invalid_argument,
                "'" + std::string(text) +
                    "' is no address for notifications: an absolute path or '@name', at most 107 "
                    "bytes");
  }
  address.name.sun_family = AF_UNIX;
  std::memcpy(address.name.sun_path, text.data(), text.size());
  if (abstract) address.name.sun_path[0] = '\0';
  address.size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size() + (abstract ? 0 : 1));
  return address;
}

result<system::descriptor> open_datagram_socket() {
  system::descriptor opened(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!opened) return system_failure(errno, "make a socket for notifications");
  return opened;
}

/// The pid in the control messages; 0 when the kernel gave none.
std::int32_t sender_of(msghdr& message) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) continue;
    ucred credentials{};
    std::memcpy(&credentials, CMSG_DATA(part), sizeof credentials);
    return credentials.pid;
  }
  return 0;
}

enum class reading { got_one, unusable, nothing, failed };

/// One datagram. There is room for credentials alone: descriptors that somebody sends along are
/// closed by the kernel, which is what sd_notify's BARRIER=1 waits for.
reading read_one(int socket, notification& into) {
  std::array<char, notification_bytes_most> text;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control;
  iovec block{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &block;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto size = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0 && errno == EINTR) return reading::unusable;
  if (size < 0) return errno == EAGAIN ? reading::nothing : reading::failed;
  into.sender_pid = sender_of(message);
  into.lines.assign(text.data(), static_cast<std::size_t>(size));
  const bool cut = (message.msg_flags & MSG_TRUNC) != 0;
  return cut || into.sender_pid <= 0 ? reading::unusable : reading::got_one;
}

class real_notifier : public notifier {
 public:
  real_notifier(system::descriptor socket, datagram_address to)
      : socket_(std::move(socket)), to_(to) {}

  result<void> notify(std::string_view lines) override {
    const auto sent = ::sendto(socket_.get(), lines.data(), lines.size(),
                               MSG_DONTWAIT | MSG_NOSIGNAL, to_.data(), to_.size);
    if (sent >= 0) return {};
    auto failed = system_failure(errno, "notify").error();
    if (errno == EAGAIN) failed.code = error_code::resource_exhausted;
    if (errno == ENOENT) failed.code = error_code::unavailable;
    return std::unexpected(std::move(failed));
  }

 private:
  system::descriptor socket_;
  datagram_address to_;
};

}  // namespace

real_notification_listener::real_notification_listener(const asio::any_io_executor& executor,
                                                       system::descriptor bound)
    : descriptor_(std::make_shared<asio::posix::stream_descriptor>(executor, bound.get())) {
  bound.release();
}

real_notification_listener::~real_notification_listener() {
  real_notification_listener::close();
}

asio::awaitable<result<notification>> real_notification_listener::receive() {
  const auto socket = descriptor_;  // this object may be gone when the wait ends
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  while (socket->is_open()) {
    notification got;
    const auto outcome = read_one(socket->native_handle(), got);
    if (outcome == reading::got_one) co_return got;
    if (outcome == reading::failed) co_return system_failure(errno, "receive a notification");
    if (outcome == reading::unusable) continue;
    const auto [problem] =
        co_await socket->async_wait(asio::posix::descriptor_base::wait_read, token);
    if (problem) throw_if_cancelled(co_await asio::this_coro::cancellation_state);
    if (!socket->is_open()) break;
    if (problem) co_return system_failure(problem, "receive a notification");
  }
  co_return fail(error_code::cancelled, "receive a notification: the listener was closed");
}

std::optional<notification> real_notification_listener::try_receive() {
  constexpr int unusable_most = 1000;
  for (int tried = 0; tried < unusable_most && descriptor_->is_open(); ++tried) {
    notification got;
    const auto outcome = read_one(descriptor_->native_handle(), got);
    if (outcome == reading::got_one) return got;
    if (outcome != reading::unusable) break;
  }
  return std::nullopt;
}

void real_notification_listener::close() {
  boost::system::error_code ignored;
  descriptor_->close(ignored);
}

real_notifications::real_notifications(asio::any_io_executor executor)
    : executor_(std::move(executor)) {}

result<std::unique_ptr<notification_listener>> real_notifications::listen(
    const std::filesystem::path& path) {
  NINE_TRY_ASSIGN(const auto address, make_address(path.native()));
  NINE_TRY_ASSIGN(auto opened, open_datagram_socket());
  const int on = 1;
  if (::setsockopt(opened.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) {
    return system_failure(errno, "ask for credentials with notifications");
  }
  // On Linux the file that bind() makes takes over the mode of the socket.
  if (::fchmod(opened.get(), 0600) != 0) return system_failure(errno, "set the mode of a socket");
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return system_failure(errno, "replace '" + path.native() + "'");
  }
  if (::bind(opened.get(), address.data(), address.size) != 0) {
    return system_failure(errno, "bind '" + path.native() + "'");
  }
  return std::make_unique<real_notification_listener>(executor_, std::move(opened));
}

result<std::unique_ptr<notifier>> real_notifications::connect(std::string_view address) {
  NINE_TRY_ASSIGN(const auto to, make_address(address));
  NINE_TRY_ASSIGN(auto opened, open_datagram_socket());
  return std::make_unique<real_notifier>(std::move(opened), to);
}

}  // namespace nine::environment
