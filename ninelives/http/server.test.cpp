#include "ninelives/http/server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "ninelives/environment/fake/manual_clock.hpp"
#include "ninelives/environment/fake/memory_network.hpp"
#include "ninelives/http/client.hpp"
#include "ninelives/http/router.hpp"

namespace nine::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

const environment::endpoint home = environment::unix_endpoint{"/run/server"};

/// Everything a test starts runs until nothing can go on without the clock.
class http_test : public ::testing::Test {
 protected:
  ~http_test() override { server_.reset(); }

  void serve(handler answer, server_options options = {}) {
    server_.emplace(clock_, std::move(answer), options);
    listener_ = *network_.listen(home);
    asio::co_spawn(context_, server_->serve(*listener_), asio::detached);
  }

  void settle() {
    context_.restart();
    context_.poll();
  }

  template <class T>
  void start(awaitable<T> coroutine, std::optional<T>& outcome) {
    asio::co_spawn(context_, std::move(coroutine),
                   [&outcome](std::exception_ptr, T value) { outcome.emplace(std::move(value)); });
    settle();
  }

  template <class T>
  std::optional<T> finish(awaitable<T> coroutine) {
    std::optional<T> outcome;
    start(std::move(coroutine), outcome);
    return outcome;
  }

  client_response get(std::string target) {
    client_request asked{.server = home, .target = std::move(target)};
    return call(std::move(asked));
  }

  client_response call(client_request asked) {
    client caller(network_, clock_);
    auto outcome = finish(caller.call(std::move(asked)));
    EXPECT_TRUE(outcome && *outcome) << (outcome ? outcome->error().message : "still waiting");
    return outcome && *outcome ? **std::move(outcome) : client_response{};
  }

  /// A connection on which the test itself speaks.
  std::unique_ptr<environment::stream> raw() { return *finish(network_.connect(home)).value(); }

  void send(environment::stream& to, std::string text) { finish(write_text(to, std::move(text))); }

  struct receiving {
    std::string text;
    bool ended = false;
  };

  /// What the server has sent and will send.
  std::shared_ptr<receiving> receive(environment::stream& from) {
    auto state = std::make_shared<receiving>();
    asio::co_spawn(context_, read_all(from, state), asio::detached);
    settle();
    return state;
  }

  /// What the server has sent; `ended` tells whether it has closed.
  std::string received(environment::stream& from, bool* ended = nullptr) {
    const auto state = receive(from);
    if (ended != nullptr) *ended = state->ended;
    return state->text;
  }

  asio::io_context context_;
  environment::manual_clock clock_;
  environment::memory_network network_;
  std::optional<server> server_;
  std::unique_ptr<environment::listener> listener_;

 private:
  static awaitable<bool> write_text(environment::stream& to, std::string text) {
    auto written = co_await to.write(text);
    co_return written.has_value();
  }

  static awaitable<void> read_all(environment::stream& from, std::shared_ptr<receiving> into) {
    std::array<char, 1000> buffer;
    while (true) {
      auto got = co_await from.read_some(buffer);
      if (!got || *got == 0) break;
      into->text.append(buffer.data(), *got);
    }
    into->ended = true;
  }
};

awaitable<response> echo(request asked) {
  co_return json_response(200, asked.method + " " + asked.target_text + " " + asked.body);
}

awaitable<response> show_id(request asked) {
  co_return json_response(200, asked.parameter("id"));
}

awaitable<response> throwing(request) {
  throw std::runtime_error("a defect");
  co_return response{};
}

handler routes() {
  router made;
  made.add("GET", "/v1/tasks/{id}", show_id);
  made.add("GET", "/v1/tasks/all", echo);
  made.add("POST", "/v1/tasks", echo);
  made.add("PUT", "/v1/tasks", echo);
  made.add("GET", "/v1/throwing", throwing);
  return made;
}

TEST_F(http_test, requests_find_their_handler_by_method_and_path) {
  serve(routes());
  EXPECT_EQ(get("/v1/tasks/t%2F7").body, "t/7");
  EXPECT_EQ(get("/v1/tasks/all?x=1").body, "GET /v1/tasks/all?x=1 ");
  const auto posted =
      call({.server = home, .method = "POST", .target = "/v1/tasks", .body = "hello"});
  EXPECT_EQ(posted.body, "POST /v1/tasks hello");
}

TEST_F(http_test, what_has_no_route_is_answered_with_a_problem) {
  serve(routes());
  const auto missing = get("/v1/none");
  EXPECT_EQ(missing.status, 404u);
  EXPECT_EQ(missing.body, R"({"error":{"code":"not_found","message":"nothing is at '/v1/none'"}})");
  const auto wrong = call({.server = home, .method = "DELETE", .target = "/v1/tasks"});
  EXPECT_EQ(wrong.status, 405u);
  EXPECT_EQ(wrong.fields.find("allow"), "POST, PUT");
}

TEST_F(http_test, head_is_answered_as_get_without_the_body) {
  serve(routes());
  const auto answer = call({.server = home, .method = "HEAD", .target = "/v1/tasks/t7"});
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.fields.find("content-length"), "2");
  EXPECT_EQ(answer.body, "");
}

TEST_F(http_test, a_handler_that_throws_is_a_500_and_the_server_goes_on) {
  serve(routes());
  EXPECT_EQ(get("/v1/throwing").status, 500u);
  EXPECT_EQ(get("/v1/tasks/1").status, 200u);
}

TEST_F(http_test, a_connection_carries_many_requests_in_order) {
  serve(routes());
  auto connection = raw();
  send(*connection, "GET /v1/tasks/1 HTTP/1.1\r\n\r\nGET /v1/tasks/2 HTTP/1.1\r\n\r\n");
  const auto text = received(*connection);
  EXPECT_LT(text.find("\r\n\r\n1HTTP/1.1 200 OK"), text.find("\r\n\r\n2"));
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(http_test, what_is_no_http_is_refused_and_the_connection_closed) {
  serve(routes());
  auto connection = raw();
  send(*connection, "\x16\x03\x01 nonsense\r\n\r\n");
  bool ended = false;
  EXPECT_TRUE(received(*connection, &ended).starts_with("HTTP/1.1 400 Bad Request"));
  EXPECT_TRUE(ended);
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(http_test, a_client_that_waits_for_a_go_ahead_gets_it) {
  serve(routes());
  auto connection = raw();
  send(*connection, "POST /v1/tasks HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  const auto state = receive(*connection);
  EXPECT_EQ(state->text, "HTTP/1.1 100 Continue\r\n\r\n");
  state->text.clear();
  send(*connection, "ab");
  EXPECT_TRUE(state->text.starts_with("HTTP/1.1 200 OK\r\n")) << state->text;
  EXPECT_TRUE(state->text.ends_with("\r\n\r\nPOST /v1/tasks ab")) << state->text;
}

TEST_F(http_test, an_idle_connection_is_closed_in_silence) {
  serve(routes(), {.idle_most = 60s});
  auto connection = raw();
  settle();
  clock_.advance(61s);
  bool ended = false;
  EXPECT_EQ(received(*connection, &ended), "");
  EXPECT_TRUE(ended);
}

TEST_F(http_test, a_head_that_trickles_in_is_answered_with_408) {
  serve(routes(), {.head_most = 10s});
  auto connection = raw();
  for (int second = 0; second < 11; ++second) {
    send(*connection, second == 0 ? "GET / HTTP/1.1\r\nX: " : "x");
    clock_.advance(1s);
  }
  bool ended = false;
  EXPECT_TRUE(received(*connection, &ended).starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(ended);
}

TEST_F(http_test, connections_over_the_limit_wait_for_their_turn) {
  serve(routes(), {.connections_most = 1});
  auto first = raw();
  settle();
  auto second = raw();
  send(*second, "GET /v1/tasks/2 HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(server_->connections(), 1u);
  first->close();
  settle();
  EXPECT_TRUE(received(*second).ends_with("2"));
}

/// A stream that the test drives.
struct stream_control {
  environment::async_event changed;
  std::vector<std::string> pieces;
  bool finished = false;
  bool failing = false;
  bool cancelled = false;
};

struct mark_cancelled {
  stream_control* control;
  ~mark_cancelled() { control->cancelled = !control->finished; }
};

awaitable<result<void>> write_pieces(stream_control& control, body_writer& writer) {
  const mark_cancelled mark{&control};
  while (true) {
    for (auto& piece : std::exchange(control.pieces, {})) {
      auto written = co_await writer.write(piece);
      if (!written) co_return written;
    }
    if (control.failing) co_return fail(error_code::unavailable, "cut on purpose");
    if (control.finished) co_return result<void>();
    co_await control.changed.wait();
  }
}

handler streaming(stream_control& control) {
  return [&control](request) -> awaitable<response> {
    co_return event_stream_response(
        [&control](body_writer& writer) { return write_pieces(control, writer); });
  };
}

TEST_F(http_test, events_arrive_while_the_stream_goes_on) {
  stream_control control;
  serve(streaming(control));
  client caller(network_, clock_);
  auto answer = finish(caller.open({.server = home})).value();
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)->fields().find("content-type"), "text/event-stream");
  event_reader reader(*std::move(answer));

  control.pieces = {format_event({"1", "task", "a"}), format_comment("beat"),
                    format_event({"2", "task", "b"})};
  control.changed.notify_all();
  EXPECT_EQ(finish(reader.next()).value().value(), (sent_event{"1", "task", "a"}));
  EXPECT_EQ(finish(reader.next()).value().value(), (sent_event{"2", "task", "b"}));
  control.finished = true;
  control.changed.notify_all();
  EXPECT_EQ(finish(reader.next()).value().value(), std::nullopt);
}

TEST_F(http_test, a_stream_whose_client_has_gone_is_cancelled) {
  stream_control control;
  serve(streaming(control));
  auto connection = raw();
  send(*connection, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(control.cancelled);
  connection->close();
  settle();
  EXPECT_TRUE(control.cancelled);
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(http_test, a_stream_that_fails_reaches_the_client_as_cut) {
  stream_control control;
  serve(streaming(control));
  control.pieces = {"half"};
  control.failing = true;
  client caller(network_, clock_);
  const auto outcome = finish(caller.call({.server = home})).value();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, client_failure::cut);
}

TEST_F(http_test, a_client_that_does_not_read_is_given_up) {
  stream_control control;
  serve(streaming(control), {.write_most = 30s});
  auto connection = raw();
  send(*connection, "GET / HTTP/1.1\r\n\r\n");
  control.pieces = {std::string(1'000'000, 'x')};
  control.changed.notify_all();
  settle();
  EXPECT_EQ(server_->connections(), 1u);
  clock_.advance(31s);
  settle();
  EXPECT_EQ(server_->connections(), 0u);
}

awaitable<response> large_answer(request) {
  co_return json_response(200, std::string(1'000'000, 'x'));
}

TEST_F(http_test, a_client_that_reads_slowly_but_steadily_gets_a_large_answer) {
  serve(large_answer, {.write_most = 30s});
  auto connection = raw();
  send(*connection, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  std::string buffer(64 * KiB, '\0');
  std::size_t bytes = 0;
  for (auto got = finish(connection->read_some(buffer)); got && *got && **got > 0;
       got = finish(connection->read_some(buffer))) {
    bytes += **got;
    clock_.advance(10s);
    settle();
  }
  EXPECT_GT(bytes, 1'000'000u);
}

awaitable<response> wait_for(stream_control& control) {
  const mark_cancelled mark{&control};
  co_await control.changed.wait();
  control.finished = true;
  co_return json_response(200, "done");
}

handler waiting(stream_control& control) {
  return [&control](request) { return wait_for(control); };
}

TEST_F(http_test, a_handler_outlives_its_client_unless_told_otherwise) {
  for (const bool cancel : {false, true}) {
    stream_control control;
    serve(waiting(control), {.cancel_with_client = cancel});
    auto connection = raw();
    send(*connection, "GET / HTTP/1.1\r\n\r\n");
    connection->close();
    settle();
    EXPECT_EQ(control.cancelled, cancel);
    control.changed.notify_all();
    settle();
    EXPECT_EQ(control.finished, !cancel);
  }
}

TEST_F(http_test, a_request_that_only_looks_can_end_with_its_client_while_others_go_on) {
  for (const bool looks : {true, false}) {
    stream_control control;
    serve(waiting(control), {.cancel_reads_with_client = true});
    auto connection = raw();
    send(*connection,
         looks ? "GET / HTTP/1.1\r\n\r\n" : "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    connection->close();
    settle();
    EXPECT_EQ(control.cancelled, looks);
    control.changed.notify_all();
    settle();
    EXPECT_EQ(control.finished, !looks);
  }
}

/// The head of a request whose body is still to come, but for its first byte.
std::string head_of_large_request(std::string_view fields = "") {
  return fmt::format("POST / HTTP/1.1\r\n{}Content-Length: 1000000\r\n\r\nx", fields);
}

// proves: X4
TEST_F(http_test, who_may_not_ask_is_told_so_before_the_body_is_read) {
  const auto admit = [](const request& head) -> std::optional<response> {
    if (head.fields.find("authorization")) return std::nullopt;
    return problem(403, "permission_denied", "no token");
  };
  serve(echo, {.admit = admit});
  auto stranger = raw();
  send(*stranger, head_of_large_request());
  bool ended = false;
  EXPECT_TRUE(received(*stranger, &ended).starts_with("HTTP/1.1 403"));
  EXPECT_TRUE(ended);
  auto known = raw();
  send(*known, head_of_large_request("Authorization: me\r\n"));
  send(*known, std::string(999'999, 'x'));
  EXPECT_TRUE(received(*known).starts_with("HTTP/1.1 200"));
}

// proves: X4
TEST_F(http_test, bodies_of_all_connections_together_are_bounded) {
  serve(echo, {.bodies_bytes_most = 100'000});
  auto first = raw();
  send(*first, head_of_large_request());
  send(*first, std::string(90'000, 'x'));
  auto second = raw();
  send(*second, head_of_large_request());
  send(*second, std::string(30'000, 'x'));
  EXPECT_TRUE(received(*second).starts_with("HTTP/1.1 503"));
  EXPECT_EQ(get("/small").status, 200u) << "what comes in one piece is not meant";
  first->close();
  settle();
  auto third = raw();
  send(*third, "POST / HTTP/1.1\r\nContent-Length: 90000\r\n\r\nx");
  send(*third, std::string(89'999, 'x'));
  EXPECT_TRUE(received(*third).starts_with("HTTP/1.1 200")) << "the first has given its part back";
}

awaitable<bool> stop_server(server& running, duration grace) {
  co_await running.stop(grace);
  co_return true;
}

TEST_F(http_test, stopping_lets_requests_finish_and_ends_all_else) {
  stream_control control;
  serve(waiting(control));
  client caller(network_, clock_);
  auto idle = raw();
  std::optional<client_result<client_response>> answer;
  start(caller.call({.server = home}), answer);
  std::optional<bool> stopped;
  start(stop_server(*server_, 10s), stopped);
  EXPECT_EQ(server_->connections(), 1u);
  EXPECT_FALSE(stopped);
  control.changed.notify_all();
  settle();
  EXPECT_TRUE(stopped);
  EXPECT_EQ((*answer)->body, "done");
  EXPECT_EQ(finish(network_.connect(home))->error().code, error_code::unavailable);
}

TEST_F(http_test, stopping_cuts_what_is_not_done_within_the_grace_time) {
  stream_control control;
  serve(waiting(control));
  auto connection = raw();
  send(*connection, "GET / HTTP/1.1\r\n\r\n");
  std::optional<bool> stopped;
  start(stop_server(*server_, 10s), stopped);
  EXPECT_FALSE(stopped);
  clock_.advance(11s);
  settle();
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(control.cancelled);
}

TEST_F(http_test, stopping_ends_streams_at_once) {
  stream_control control;
  serve(streaming(control));
  auto connection = raw();
  send(*connection, "GET / HTTP/1.1\r\n\r\n");
  std::optional<bool> stopped;
  start(stop_server(*server_, 10s), stopped);
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(control.cancelled);
}

}  // namespace
}  // namespace nine::http
