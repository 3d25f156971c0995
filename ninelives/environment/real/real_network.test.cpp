#include "ninelives/environment/real/real_network.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/environment/real/real_environment.hpp"
#include "ninelives/environment/real/real_listener.hpp"
#include "ninelives/environment/real/real_stream.hpp"
#include "ninelives/environment/real/socket_address.hpp"
#include "ninelives/environment/real/testing.hpp"

namespace nine::environment {
namespace {

using boost::asio::awaitable;
using namespace boost::asio::experimental::awaitable_operators;

struct connected_pair {
  std::unique_ptr<stream> client;
  std::unique_ptr<stream> server;
};

class real_network_test : public ::testing::Test {
 protected:
  std::unique_ptr<listener> listening_on(const endpoint& where) {
    auto made = real_.network().listen(where);
    EXPECT_TRUE(made) << made.error().message;
    return made ? *std::move(made) : nullptr;
  }

  connected_pair connect_through(listener& server) {
    auto both = testing::run(real_.context(), connect_both(server));
    EXPECT_TRUE(std::get<0>(both)) << std::get<0>(both).error().message;
    return {*std::move(std::get<0>(both)), *std::move(std::get<1>(both))};
  }

  awaitable<std::tuple<result<std::unique_ptr<stream>>, result<std::unique_ptr<stream>>>>
  connect_both(listener& server) {
    const auto where = server.local_endpoint();
    co_return co_await (real_.network().connect(where) && server.accept());
  }

  testing::temporary_directory directory_;
  real_environment real_;
};

awaitable<std::string> read_all(stream& source) {
  std::string all;
  std::array<char, 1000> buffer;
  while (true) {
    auto got = co_await source.read_some(buffer);
    if (!got || *got == 0) co_return all;
    all.append(buffer.data(), *got);
  }
}

awaitable<void> write_and_close(stream& target, std::string data) {
  auto written = co_await target.write(data);
  EXPECT_TRUE(written);
  target.close();
}

awaitable<std::string> pass_through(connected_pair& pair, std::string data) {
  co_return co_await (write_and_close(*pair.client, std::move(data)) && read_all(*pair.server));
}

TEST_F(real_network_test, bytes_pass_through_unix_and_tcp_until_the_end) {
  const std::string data(3'000'000, 'x');
  for (const endpoint& where :
       {endpoint(unix_endpoint{directory_ / "s"}), endpoint(tcp_endpoint{.host = "127.0.0.1"})}) {
    auto server = listening_on(where);
    auto pair = connect_through(*server);
    EXPECT_EQ(testing::run(real_.context(), pass_through(pair, data)).size(), data.size());
  }
}

TEST_F(real_network_test,
       what_can_be_taken_now_is_taken_and_a_full_or_closed_stream_takes_nothing) {
  const auto server = listening_on(unix_endpoint{directory_ / "socket"});
  auto pair = connect_through(*server);
  const std::string piece(10'000, 'x');
  std::size_t taken = 0;
  for (auto part = pair.client->write_now(piece); part > 0; part = pair.client->write_now(piece))
    taken += part;
  EXPECT_GE(taken, piece.size());
  EXPECT_EQ(testing::run(real_.context(), pass_through(pair, "rest")),
            std::string(taken, 'x') + "rest");
  EXPECT_EQ(pair.client->write_now(piece), 0U);
}

TEST_F(real_network_test, a_host_name_is_looked_up) {
  auto server = listening_on(tcp_endpoint{.host = "127.0.0.1"});
  const auto port = std::get<tcp_endpoint>(server->local_endpoint()).port;
  EXPECT_NE(port, 0);
  auto connected = testing::run(
      real_.context(), real_.network().connect(tcp_endpoint{.host = "localhost", .port = port}));
  EXPECT_TRUE(connected);
}

TEST_F(real_network_test, a_unix_socket_is_private_from_its_first_instant) {
  auto server = listening_on(unix_endpoint{directory_ / "s"});
  struct stat found{};
  ASSERT_EQ(::stat((directory_ / "s").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(real_network_test, a_stale_socket_file_is_replaced) {
  listening_on(unix_endpoint{directory_ / "s"})->close();
  auto again = listening_on(unix_endpoint{directory_ / "s"});
  EXPECT_TRUE(connect_through(*again).client);
}

TEST_F(real_network_test, a_path_longer_than_the_kernel_takes_works_all_the_same) {
  const auto deep = directory_ / std::string(120, 'd');
  ASSERT_TRUE(real_.files().make_directory(deep));
  auto server = listening_on(unix_endpoint{deep / "control.sock"});
  auto pair = connect_through(*server);
  EXPECT_EQ(testing::run(real_.context(), pass_through(pair, "hello")), "hello");
  EXPECT_EQ(std::get<unix_endpoint>(server->local_endpoint()).path, deep / "control.sock");
}

TEST_F(real_network_test, a_file_name_longer_than_the_kernel_takes_is_refused_with_the_reason) {
  const auto refused = real_.network().listen(unix_endpoint{directory_ / std::string(120, 'n')});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::too_large);
}

TEST_F(real_network_test, nobody_there_is_unavailable_and_says_where) {
  auto server = listening_on(tcp_endpoint{.host = "127.0.0.1"});
  const auto deserted = server->local_endpoint();
  server.reset();
  for (const endpoint& where :
       {deserted, endpoint(unix_endpoint{directory_ / "none"}),
        endpoint(unix_endpoint{directory_ / "none/at/all"}),
        endpoint(tcp_endpoint{.host = "does-not-exist.invalid", .port = 1})}) {
    const auto refused = testing::run(real_.context(), real_.network().connect(where));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, error_code::unavailable) << refused.error().message;
    EXPECT_FALSE(refused.error().message.empty());
  }
}

TEST_F(real_network_test, an_address_in_use_is_reported) {
  auto server = listening_on(tcp_endpoint{.host = "127.0.0.1"});
  EXPECT_FALSE(real_.network().listen(server->local_endpoint()));
}

awaitable<std::size_t> read_once(stream& source, std::optional<error>& problem) {
  std::array<char, 10> buffer;
  auto got = co_await source.read_some(buffer);
  if (!got) problem = got.error();
  co_return got.value_or(0);
}

awaitable<void> close_soon(stream& target) {
  target.close();
  co_return;
}

awaitable<void> read_while_closing(stream& source, std::optional<error>& problem) {
  co_await (read_once(source, problem) && close_soon(source));
}

TEST_F(real_network_test, closing_ends_a_pending_read_as_cancelled) {
  auto server = listening_on(unix_endpoint{directory_ / "s"});
  auto pair = connect_through(*server);
  std::optional<error> problem;
  testing::run(real_.context(), read_while_closing(*pair.client, problem));
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, error_code::cancelled);
}

awaitable<void> accept_while_closing(listener& server, std::optional<error>& problem) {
  auto closing = [](listener& target) -> awaitable<void> {
    target.close();
    co_return;
  };
  auto accepted = co_await (server.accept() && closing(server));
  if (!accepted) problem = accepted.error();
}

TEST_F(real_network_test, closing_ends_a_pending_accept_as_cancelled) {
  auto server = listening_on(unix_endpoint{directory_ / "s"});
  std::optional<error> problem;
  testing::run(real_.context(), accept_while_closing(*server, problem));
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, error_code::cancelled);
}

TEST_F(real_network_test, a_lost_race_cancels_a_read_by_exception_and_the_stream_goes_on) {
  auto server = listening_on(unix_endpoint{directory_ / "s"});
  auto pair = connect_through(*server);
  std::optional<error> problem;
  const auto won = testing::run(real_.context(),
                                read_once(*pair.server, problem) || real_.clock().sleep_for(1ms));
  EXPECT_EQ(won.index(), 1u);
  EXPECT_FALSE(problem);
  EXPECT_EQ(testing::run(real_.context(), pass_through(pair, "still here")), "still here");
}

TEST_F(real_network_test, every_socket_is_closed_on_exec) {
  auto server = listening_on(unix_endpoint{directory_ / "s"});
  auto pair = connect_through(*server);
  for (const int fd : {dynamic_cast<real_listener&>(*server).native_handle(),
                       dynamic_cast<real_stream&>(*pair.client).native_handle(),
                       dynamic_cast<real_stream&>(*pair.server).native_handle()}) {
    EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
  }
}

TEST_F(real_network_test, an_inherited_listener_is_taken_once_by_its_name) {
  auto server = listening_on(tcp_endpoint{.host = "127.0.0.1"});
  const int copy = ::dup(dynamic_cast<real_listener&>(*server).native_handle());
  std::vector<inherited_socket> inherited;
  inherited.push_back({"control", system::descriptor(copy)});
  real_network network(real_.executor(), std::move(inherited));

  EXPECT_EQ(network.take_inherited("gateway").error().code, error_code::not_found);
  auto taken = network.take_inherited("control");
  ASSERT_TRUE(taken);
  EXPECT_EQ(to_string((*taken)->local_endpoint()), to_string(server->local_endpoint()));
  EXPECT_TRUE(connect_through(**taken).client);
  EXPECT_FALSE(network.take_inherited("control"));
}

TEST(inherited_sockets, are_named_as_the_parent_said) {
  using names = std::vector<std::string>;
  EXPECT_EQ(parse_inheritance({"7", "2", "control:gateway"}, 7), (names{"control", "gateway"}));
  EXPECT_EQ(parse_inheritance({"7", "3", "control"}, 7), (names{"control", "unknown", "unknown"}));
  EXPECT_EQ(parse_inheritance({"7", "1", "a:b"}, 7), (names{"a"}));
}

TEST(inherited_sockets, are_none_when_meant_for_another_process_or_nonsense) {
  for (const auto& said : std::initializer_list<inheritance>{{"8", "1", "a"},
                                                             {"", "1", "a"},
                                                             {"7", "", "a"},
                                                             {"7", "-1", "a"},
                                                             {"7", "0", ""},
                                                             {"7", "999999999", "a"},
                                                             {"7", "1x", "a"},
                                                             {"7 ", "1", "a"}}) {
    EXPECT_TRUE(parse_inheritance(said, 7).empty()) << said.listen_pid << "," << said.listen_fds;
  }
}

}  // namespace
}  // namespace nine::environment
