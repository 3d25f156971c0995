#include "ninelives/environment/real/connect_to_any.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/environment/real/real_environment.hpp"
#include "ninelives/environment/real/socket_address.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"
#include "ninelives/environment/real/testing.hpp"

namespace nine::environment {
namespace {

using namespace boost::asio::experimental::awaitable_operators;
using address = boost::asio::generic::stream_protocol::endpoint;

/// A port of this machine, with a socket bound to it that refuses whoever connects.
class port {
 public:
  port() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto any = *parse_ip_address("127.0.0.1", 0);
    EXPECT_EQ(::bind(socket_.get(), any.data(), static_cast<socklen_t>(any.size())), 0);
    const auto where = local_endpoint_of(socket_.get());
    address_ = *parse_ip_address("127.0.0.1", std::get<tcp_endpoint>(where.value()).port);
  }

  void answer() { EXPECT_EQ(::listen(socket_.get(), 1), 0); }

  /// What is sent to a queue that is full is dropped without a word, as in a black hole.
  void say_nothing() {
    EXPECT_EQ(::listen(socket_.get(), 0), 0);
    for (int filler = 0; filler < 4; ++filler) {
      system::descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      ::connect(client.get(), address_.data(), static_cast<socklen_t>(address_.size()));
      fillers_.push_back(std::move(client));
    }
  }

  const address& where() const { return address_; }

 private:
  system::descriptor socket_;
  address address_;
  std::vector<system::descriptor> fillers_;
};

/// Which of them it connected to.
boost::asio::awaitable<result<address>> reached(std::vector<address> addresses) {
  auto connected = co_await connect_to_any(std::move(addresses));
  if (!connected) co_return std::unexpected(std::move(connected).error());
  co_return connected->remote_endpoint();
}

class connect_to_any_test : public ::testing::Test {
 protected:
  result<address> connect(std::vector<address> addresses) {
    return testing::run(real_.context(), reached(std::move(addresses)));
  }

  real_environment real_;
  port answering_;
  port silent_;
  port refusing_;
};

TEST_F(connect_to_any_test, an_address_that_says_nothing_does_not_hide_the_others) {
  answering_.answer();
  silent_.say_nothing();
  // Far longer than the next address waits for its turn, far shorter than the kernel tries one.
  const auto outcome = testing::run(
      real_.context(), reached({silent_.where(), silent_.where(), answering_.where()}) ||
                           real_.clock().sleep_for(60s));
  ASSERT_EQ(outcome.index(), 0u) << "it waits for the first address alone";
  EXPECT_EQ(std::get<0>(outcome), answering_.where());
}

TEST_F(connect_to_any_test, the_first_that_answers_is_taken_whoever_refuses_before_it) {
  answering_.answer();
  EXPECT_EQ(connect({refusing_.where(), refusing_.where(), answering_.where()}),
            answering_.where());
}

TEST_F(connect_to_any_test, where_all_refuse_the_error_says_so) {
  const auto refused = connect({refusing_.where(), refusing_.where()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::unavailable);
  EXPECT_TRUE(refused.error().message.contains("refused")) << refused.error().message;
}

TEST_F(connect_to_any_test, whoever_gives_up_leaves_no_attempt_behind) {
  silent_.say_nothing();
  const auto outcome = testing::run(
      real_.context(), reached({silent_.where(), silent_.where()}) || real_.clock().sleep_for(1ms));
  EXPECT_EQ(outcome.index(), 1u);
  real_.context().restart();
  real_.context().run();  // returns when nothing is under way any more
}

}  // namespace
}  // namespace nine::environment
