#include "simulation/environment/simulated_network.hpp"

#include <gtest/gtest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "simulation/machine/function_program.hpp"
#include "simulation/world.hpp"

namespace nine::simulation {
namespace {

using boost::asio::awaitable;
using namespace boost::asio::experimental::awaitable_operators;
using stream_pointer = std::unique_ptr<environment::stream>;
using listener_pointer = std::unique_ptr<environment::listener>;

const environment::endpoint place = environment::unix_endpoint{"/socket"};

awaitable<result<std::string>> read_all(environment::stream& from) {
  std::string seen;
  char buffer[100];
  while (true) {
    const auto count = co_await from.read_some(buffer);
    if (!count) co_return std::unexpected(count.error());
    if (*count == 0) co_return seen;
    seen.append(buffer, *count);
  }
}

/// Accepts one connection, reads all of it, and keeps what it got.
program_factory server(std::string& seen) {
  return program_of([&seen](process_context& context) -> awaitable<int> {
    auto listening = context.network().listen(place).value();
    auto accepted = co_await listening->accept();
    const auto text = co_await read_all(**accepted);
    seen = text ? *text : to_string(text.error().code);
    co_return 0;
  });
}

awaitable<stream_pointer> connect_soon(process_context& context) {
  while (true) {
    auto connected = co_await context.network().connect(place);
    if (connected) co_return std::move(*connected);
    co_await context.clock().sleep_for(1ms);
  }
}

TEST(simulated_network, carries_bytes_in_order_whatever_the_segments) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    world subject(seed);
    std::string seen;
    const std::string sent(200'000, 'x');
    subject.programs()["server"] = server(seen);
    subject.programs()["client"] = program_of([&](process_context& context) -> awaitable<int> {
      auto connected = co_await connect_soon(context);
      EXPECT_TRUE(co_await connected->write("begin "));
      EXPECT_TRUE(co_await connected->write(sent));
      EXPECT_TRUE(co_await connected->write(" end"));
      co_return 0;
    });
    subject.start({"server"});
    subject.start({"client"});
    subject.run_for(10min);
    EXPECT_EQ(seen, "begin " + sent + " end");
  }
}

TEST(simulated_network, ends_the_connection_of_a_killed_process_after_what_it_sent) {
  world subject(1);
  std::string seen;
  subject.programs()["server"] = server(seen);
  subject.programs()["client"] = program_of([&](process_context& context) -> awaitable<int> {
    auto connected = co_await connect_soon(context);
    EXPECT_TRUE(co_await connected->write("last words"));
    co_await context.clock().sleep_for(1h);
    co_return 0;
  });
  subject.start({"server"});
  auto& client = subject.start({"client"});
  subject.run_for(1min);
  subject.host().kill(client);
  subject.run_for(1min);
  EXPECT_EQ(seen, "last words");
}

TEST(simulated_network, breaks_both_ends_of_a_cut_connection) {
  world subject(1);
  std::string seen;
  subject.programs()["server"] = server(seen);
  subject.programs()["client"] = program_of([&](process_context& context) -> awaitable<int> {
    auto connected = co_await connect_soon(context);
    char buffer[10];
    const auto got = co_await connected->read_some(buffer);
    EXPECT_EQ(got.error().code, error_code::unavailable);
    EXPECT_EQ((co_await connected->write("x")).error().code, error_code::unavailable);
    co_return 0;
  });
  subject.start({"server"});
  auto& client = subject.start({"client"});
  subject.run_for(1min);
  subject.host().board().cut(client.identity.pid);
  EXPECT_TRUE(subject.run_until([&] { return client.gone; }, 1min));
  subject.run_for(1s);
  EXPECT_EQ(seen, "unavailable");
}

// As the real one: who connects learns nothing from whether the file of a dead socket is left.
TEST(simulated_network, tells_a_stale_socket_and_none_alike) {
  world subject(1);
  std::vector<error_code> seen;
  subject.programs()["client"] = program_of([&](process_context& context) -> awaitable<int> {
    const auto connected = co_await context.network().connect(place);
    seen.push_back(connected.error().code);
    co_return 0;
  });
  subject.programs()["server"] = program_of([](process_context& context) -> awaitable<int> {
    const auto listening = context.network().listen(place).value();
    co_await context.clock().sleep_for(1s);
    co_return 0;
  });
  subject.start({"client"});
  subject.run_for(1min);
  subject.start({"server"});
  subject.run_for(1min);
  subject.start({"client"});
  subject.run_for(1min);
  EXPECT_EQ(seen, (std::vector{error_code::unavailable, error_code::unavailable}));
}

TEST(simulated_network, keeps_a_listener_alive_while_another_process_holds_it) {
  world subject(1);
  int served = 0;
  subject.programs()["heir"] = program_of([&](process_context& context) -> awaitable<int> {
    auto listening = context.network().take_inherited("front").value();
    EXPECT_FALSE(context.network().take_inherited("front"));
    EXPECT_TRUE(co_await listening->accept());
    ++served;
    co_return 0;
  });
  subject.programs()["owner"] = program_of([&](process_context& context) -> awaitable<int> {
    auto listening = context.network().listen(place).value();
    for (int life = 0; life < 2; ++life) {
      environment::process_specification heir;
      heir.arguments = {"heir"};
      heir.listeners = {{"front", listening.get()}};
      const auto child = context.processes().spawn(heir);
      co_await context.processes().wait(*child);
    }
    co_return 0;
  });
  subject.programs()["client"] = program_of([](process_context& context) -> awaitable<int> {
    auto connected = co_await connect_soon(context);
    co_return 0;
  });
  auto& owner = subject.start({"owner"});
  subject.run_for(1s);
  subject.host().kill(*subject.host().alive("heir").at(0));
  subject.start({"client"});
  EXPECT_TRUE(subject.run_until([&] { return served == 1; }, 1min));
  subject.host().kill(owner);
  subject.run_for(1s);
  EXPECT_FALSE(owner.gone && subject.host().alive("heir").size() > 1);
}

TEST(simulated_network, cancels_a_read_whose_race_is_lost) {
  world subject(1);
  bool timed_out = false;
  std::string seen;
  subject.programs()["server"] = server(seen);
  subject.programs()["client"] = program_of([&](process_context& context) -> awaitable<int> {
    auto connected = co_await connect_soon(context);
    char buffer[10];
    auto outcome = co_await (connected->read_some(buffer) || context.clock().sleep_for(5s));
    timed_out = outcome.index() == 1;
    co_return 0;
  });
  subject.start({"server"});
  auto& client = subject.start({"client"});
  EXPECT_TRUE(subject.run_until([&] { return client.gone; }, 1min));
  EXPECT_TRUE(timed_out);
}

}  // namespace
}  // namespace nine::simulation
