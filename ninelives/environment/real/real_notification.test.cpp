#include "ninelives/environment/real/real_notification.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/environment/real/testing.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

class real_notification_test : public ::testing::Test {
 protected:
  std::unique_ptr<notification_listener> listening() {
    auto made = seam_.listen(path_);
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }
  std::unique_ptr<notifier> sending(const std::string& address) {
    auto made = seam_.connect(address);
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }

  testing::temporary_directory directory_;
  std::filesystem::path path_ = directory_ / "notify.sock";
  asio::io_context context_;
  real_notifications seam_{context_.get_executor()};
};

TEST_F(real_notification_test, arrives_with_the_senders_pid) {
  const auto listener = listening();
  ASSERT_TRUE(sending(path_)->notify("READY=1\nSTATUS=up"));
  const auto got = testing::run(context_, listener->receive());
  EXPECT_EQ(got, (notification{::getpid(), "READY=1\nSTATUS=up"}));
}

TEST_F(real_notification_test, names_a_child_as_itself) {
  const auto listener = listening();
  const auto sender = sending(path_);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(sender->notify("WATCHDOG=1") ? 0 : 1);
  EXPECT_EQ(testing::run(context_, listener->receive())->sender_pid, child);
  ::waitpid(child, nullptr, 0);
}

TEST_F(real_notification_test, gives_what_has_queued_up_without_waiting) {
  const auto listener = listening();
  const auto sender = sending(path_);
  EXPECT_FALSE(listener->try_receive());
  ASSERT_TRUE(sender->notify("a"));
  ASSERT_TRUE(sender->notify("b"));
  EXPECT_EQ(listener->try_receive()->lines, "a");
  EXPECT_EQ(listener->try_receive()->lines, "b");
  EXPECT_FALSE(listener->try_receive());
}

TEST_F(real_notification_test, drops_messages_that_are_too_long) {
  const auto listener = listening();
  const auto sender = sending(path_);
  ASSERT_TRUE(sender->notify(std::string(notification_bytes_most + 1, 'x')));
  ASSERT_TRUE(sender->notify("READY=1"));
  EXPECT_EQ(testing::run(context_, listener->receive())->lines, "READY=1");
}

TEST_F(real_notification_test, finds_the_receiver_that_replaced_another) {
  auto first = listening();
  const auto sender = sending(path_);
  first.reset();
  EXPECT_EQ(sender->notify("lost").error().code, error_code::unavailable);
  ::unlink(path_.c_str());
  EXPECT_EQ(sender->notify("lost").error().code, error_code::unavailable);
  const auto second = listening();
  ASSERT_TRUE(sender->notify("found"));
  EXPECT_EQ(testing::run(context_, second->receive())->lines, "found");
}

TEST_F(real_notification_test, never_waits_for_a_receiver_that_does_not_read) {
  const auto listener = listening();
  const auto sender = sending(path_);
  result<void> sent;
  for (int count = 0; count < 100'000 && sent; ++count)
    sent = sender->notify("WATCHDOG=1");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, error_code::resource_exhausted);
}

TEST_F(real_notification_test, speaks_to_abstract_names_as_systemd_does) {
  const auto name = "@nine-test-" + std::to_string(::getpid());
  const int receiver = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, name.size());
  address.sun_path[0] = '\0';
  ASSERT_EQ(::bind(receiver, reinterpret_cast<sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())),
            0);
  EXPECT_TRUE(sending(name)->notify("READY=1"));
  char text[16] = {};
  EXPECT_EQ(::recv(receiver, text, sizeof text, 0), 7);
  EXPECT_STREQ(text, "READY=1");
  ::close(receiver);
}

TEST_F(real_notification_test, refuses_addresses_that_are_none) {
  for (const std::string& address :
       {std::string(), std::string("relative"), "/" + std::string(107, 'x')}) {
    const auto made = seam_.connect(address);
    ASSERT_FALSE(made) << address;
    EXPECT_EQ(made.error().code, error_code::invalid_argument);
  }
}

TEST_F(real_notification_test, is_closed_to_other_users) {
  const auto listener = listening();
  struct stat found{};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(real_notification_test, ends_a_wait_when_closed) {
  const auto listener = listening();
  asio::post(context_, [&] { listener->close(); });
  const auto got = testing::run(context_, listener->receive());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, error_code::cancelled);
}

asio::awaitable<void> at_once() {
  co_return;
}

TEST_F(real_notification_test, can_be_cancelled_and_used_again) {
  const auto listener = listening();
  testing::run(context_, [](notification_listener& source) -> asio::awaitable<void> {
    co_await (source.receive() || at_once());
  }(*listener));
  ASSERT_TRUE(sending(path_)->notify("later"));
  EXPECT_EQ(testing::run(context_, listener->receive())->lines, "later");
}

}  // namespace
}  // namespace nine::environment
