#include "ninelives/environment/fake/memory_network.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/environment/real/testing.hpp"

namespace nine::environment {
namespace {

using boost::asio::awaitable;
using namespace boost::asio::experimental::awaitable_operators;

awaitable<void> write_and_close(stream& target, std::string data) {
  auto written = co_await target.write(data);
  EXPECT_TRUE(written);
  target.close();
}

awaitable<std::size_t> count_bytes(stream& source) {
  std::array<char, 1000> buffer;
  std::size_t count = 0;
  while (true) {
    auto got = co_await source.read_some(buffer);
    if (!got || *got == 0) co_return count;
    count += *got;
  }
}

awaitable<std::size_t> transfer(stream& from, stream& to, std::size_t size) {
  co_return co_await (write_and_close(from, std::string(size, 'x')) && count_bytes(to));
}

TEST(memory_network, more_bytes_than_the_buffer_holds_pass_in_order_to_the_end) {
  boost::asio::io_context context;
  auto [near, far] = make_memory_streams();
  EXPECT_EQ(testing::run(context, transfer(*near, *far, 1'000'000)), 1'000'000u);
}

awaitable<void> expect_failure(stream& source, error_code expected) {
  std::array<char, 10> buffer;
  auto got = co_await source.read_some(buffer);
  EXPECT_EQ(got ? std::nullopt : std::optional(got.error().code), expected);
}

TEST(memory_network, a_cut_connection_fails_on_both_sides_and_a_closed_end_is_cancelled) {
  boost::asio::io_context context;
  auto [near, far] = make_memory_streams();
  near->cut();
  testing::run(context, expect_failure(*near, error_code::unavailable));
  testing::run(context, expect_failure(*far, error_code::unavailable));
  near->close();
  testing::run(context, expect_failure(*near, error_code::cancelled));
}

awaitable<void> meet(memory_network& network) {
  const endpoint where = unix_endpoint{"/run/x"};
  auto refused = co_await network.connect(where);
  EXPECT_EQ(refused.error().code, error_code::unavailable);
  auto server = network.listen(where);
  auto client = co_await network.connect(where);
  auto accepted = co_await (*server)->accept();
  EXPECT_EQ(co_await transfer(**client, **accepted, 5), 5u);
}

TEST(memory_network, who_connects_meets_who_listens) {
  boost::asio::io_context context;
  memory_network network;
  testing::run(context, meet(network));
}

}  // namespace
}  // namespace nine::environment
