#include "ninelives/http/client.hpp"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "ninelives/environment/fake/manual_clock.hpp"
#include "ninelives/environment/fake/memory_network.hpp"

namespace nine::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

const environment::endpoint home = environment::unix_endpoint{"/run/server"};

/// Plays a server word for word: takes the request, sends `text`, and then closes, cuts or waits.
class client_test : public ::testing::Test {
 protected:
  enum class then { close, cut, wait };

  void play(std::string text, then ending) {
    listener_ = *network_.listen(home);
    asio::co_spawn(context_, answer_one(std::move(text), ending), asio::detached);
  }

  void settle() {
    context_.restart();
    context_.poll();
  }

  void begin(client_limits limits = {}, std::string method = "GET", std::string body = "") {
    client_request asked{.server = home, .method = std::move(method), .body = std::move(body)};
    asio::co_spawn(context_, caller_.call(std::move(asked), limits),
                   [this](std::exception_ptr, client_result<client_response> outcome) {
                     outcome_ = std::move(outcome);
                   });
    settle();
  }

  awaitable<void> accept_one() {
    auto accepted = co_await listener_->accept();
    if (accepted) connection_ = *std::move(accepted);
  }

  awaitable<void> take(std::size_t bytes_most) {
    std::string buffer(bytes_most, '\0');
    auto got = co_await connection_->read_some(buffer);
    received_.append(buffer, 0, got.value_or(0));
  }

  std::optional<client_failure> failure() const {
    if (!outcome_ || outcome_->has_value()) return std::nullopt;
    return outcome_->error().kind;
  }

  asio::io_context context_;
  environment::manual_clock clock_;
  environment::memory_network network_;
  client caller_{network_, clock_};
  std::unique_ptr<environment::listener> listener_;
  std::unique_ptr<environment::stream> connection_;
  std::string received_;
  std::optional<client_result<client_response>> outcome_;

 private:
  awaitable<void> answer_one(std::string text, then ending) {
    co_await accept_one();
    if (!connection_) co_return;
    received_.clear();
    co_await take(10'000);
    auto written = co_await connection_->write(text);
    if (ending == then::close) connection_->close();
    if (ending == then::cut) dynamic_cast<environment::memory_stream&>(*connection_).cut();
  }
};

TEST_F(client_test, sends_a_request_and_gives_the_answer) {
  play("HTTP/1.1 201 Created\r\nX-Y: z\r\nContent-Length: 2\r\n\r\nok", then::wait);
  begin();
  ASSERT_TRUE(outcome_ && *outcome_);
  EXPECT_EQ((*outcome_)->status, 201u);
  EXPECT_EQ((*outcome_)->fields.find("x-y"), "z");
  EXPECT_EQ((*outcome_)->body, "ok");
  EXPECT_EQ(received_, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}

TEST_F(client_test, nobody_listening_is_a_failure_to_connect) {
  begin();
  EXPECT_EQ(failure(), client_failure::connect);
}

TEST_F(client_test, every_way_an_answer_can_break_has_its_name) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::vector<std::tuple<std::string, then, client_failure>> cases = {
      {"", then::close, client_failure::closed_unanswered},
      {"", then::cut, client_failure::closed_unanswered},
      {head, then::close, client_failure::closed_unanswered},
      {head + "Content-Length: 5\r\n\r\nabc", then::close, client_failure::cut},
      {head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", then::close, client_failure::cut},
      {"220 mail.example.org ESMTP\r\n", then::wait, client_failure::protocol},
      {head + "Content-Length: 99999999999\r\n\r\n", then::wait, client_failure::too_large},
  };
  for (const auto& [text, ending, expected] : cases) {
    outcome_.reset();
    play(text, ending);
    begin();
    EXPECT_EQ(failure(), expected) << text;
  }
}

TEST_F(client_test, a_wait_without_end_is_ended_by_the_bound_it_broke) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const client_limits limits{.connect = 1s, .answer = 20s, .idle = 30s, .total = 100s};
  const std::vector<std::tuple<std::string, duration, client_failure>> cases = {
      {"", 20s, client_failure::timed_out_answer},
      {head, 20s, client_failure::timed_out_answer},
      {head + "Content-Length: 5\r\n\r\nabc", 30s, client_failure::timed_out_idle},
  };
  for (const auto& [text, wait, expected] : cases) {
    outcome_.reset();
    play(text, then::wait);
    begin(limits);
    clock_.advance(wait - 1s);
    settle();
    EXPECT_FALSE(outcome_.has_value());
    clock_.advance(2s);
    settle();
    EXPECT_EQ(failure(), expected) << text;
  }
}

TEST_F(client_test, an_answer_that_crawls_is_ended_by_the_bound_on_the_whole) {
  play("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", then::wait);
  begin({.idle = 30s, .total = 100s});
  for (int second = 0; second < 102 && !outcome_; ++second) {
    asio::co_spawn(context_, connection_->write("x"), asio::detached);
    settle();
    clock_.advance(1s);
    settle();
  }
  EXPECT_EQ(failure(), client_failure::timed_out_total);
}

TEST_F(client_test, a_server_that_reads_nothing_is_given_up) {
  listener_ = *network_.listen(home);
  client_request asked{.server = home, .method = "POST", .body = std::string(1'000'000, 'x')};
  asio::co_spawn(context_, caller_.call(std::move(asked), {.idle = 30s}),
                 [this](std::exception_ptr, client_result<client_response> outcome) {
                   outcome_ = std::move(outcome);
                 });
  settle();
  clock_.advance(31s);
  settle();
  EXPECT_EQ(failure(), client_failure::timed_out_sending);
}

TEST_F(client_test, a_server_that_reads_slowly_but_steadily_gets_a_large_request) {
  listener_ = *network_.listen(home);
  begin({.idle = 30s}, "POST", std::string(1'000'000, 'x'));
  asio::co_spawn(context_, accept_one(), asio::detached);
  settle();
  while (received_.size() < 1'000'000 && !outcome_) {
    asio::co_spawn(context_, take(64 * KiB), asio::detached);
    settle();
    clock_.advance(10s);
    settle();
  }
  EXPECT_GT(received_.size(), 1'000'000u);
  asio::co_spawn(context_, connection_->write("HTTP/1.1 204 No Content\r\n\r\n"), asio::detached);
  settle();
  ASSERT_TRUE(outcome_ && *outcome_);
  EXPECT_EQ((*outcome_)->status, 204u);
}

}  // namespace
}  // namespace nine::http
