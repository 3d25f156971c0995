#include "ninelives/http/connection.hpp"

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/environment/deadline.hpp"
#include "ninelives/http/send_in_pieces.hpp"

namespace nine::http {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

constexpr std::size_t read_bytes = 16 * KiB;
constexpr std::size_t early_bytes_most = 64 * KiB;

/// A handler that throws has a defect; the client learns that much, and the connection goes on.
response defect(const char* what) {
  return problem(500, "internal", what);
}

bool was_cancelled(const boost::system::system_error& thrown) {
  return thrown.code() == asio::error::operation_aborted;
}

/// Writes a handler's stream to the connection, framed.
class framed_writer final : public body_writer {
 public:
  using send_function = std::function<asio::awaitable<result<void>>(std::string)>;

  framed_writer(send_function send, framing how) : send_(std::move(send)), how_(how) {}

  asio::awaitable<result<void>> write(std::string_view piece) override {
    if (piece.empty()) return nothing();
    return send_(how_ == framing::chunked ? format_chunk(piece) : std::string(piece));
  }

 private:
  static asio::awaitable<result<void>> nothing() { co_return result<void>(); }

  send_function send_;
  framing how_;
};

}  // namespace

connection::connection(std::shared_ptr<server_state> server,
                       std::unique_ptr<environment::stream> client)
    : server_(std::move(server)), client_(std::move(client)), decoder_(server_->options.limits) {
  place_ = server_->connections.insert(server_->connections.end(), this);
}

connection::~connection() {
  release_body();
  server_->connections.erase(place_);
  server_->changed.notify_all();
}

asio::awaitable<void> connection::run(std::shared_ptr<connection> self) {
  co_await self->exchange();
  self->client_->close();
}

void connection::end_when_idle() {
  if (streaming_) return cut();
  if (!answering_) client_->close();
}

void connection::cut() {
  client_->close();
  cancellation_.emit(asio::cancellation_type::terminal);
}

asio::awaitable<void> connection::exchange() {
  bool again = true;
  while (again && !server_->stopping) {
    auto asked = co_await receive();
    if (!asked) co_return;
    const bool to_head = asked->method == "HEAD";
    answering_ = true;
    auto made = co_await ask_handler(*std::move(asked));
    if (!made) co_return;
    release_body();
    again = co_await answer(*std::move(made), to_head);
    answering_ = false;
  }
}

/// The next request; nullopt when the connection is to end, in good order or not.
asio::awaitable<std::optional<request>> connection::receive() {
  const auto& options = server_->options;
  auto idle_since = server_->clock.now();
  auto deadline = environment::after(idle_since, options.idle_most);
  decoder_.feed(std::exchange(early_, {}));
  bool begun = false;
  bool invited = false;
  while (decoder_.current() != request_decoder::state::whole) {
    if (decoder_.current() == request_decoder::state::failed) {
      co_await answer(decoder_.failure(), false);
      co_return std::nullopt;
    }
    if (!begun && decoder_.current() != request_decoder::state::idle) {
      begun = true;
      idle_since = server_->clock.now();
    }
    if (decoder_.current() == request_decoder::state::head) {
      deadline = environment::after(idle_since, options.head_most);
    }
    if (decoder_.current() == request_decoder::state::body) {
      deadline = environment::after(idle_since, options.request_most);
      if (decoder_.expects_continue() && !std::exchange(invited, true)) {
        auto sent = co_await invite_body();
        if (!sent) co_return std::nullopt;
      }
    }
    auto got = co_await read(deadline);
    if (!got && got.error().code == error_code::timed_out && begun) {
      co_await answer(problem(408, "timed_out", "the request took too long to arrive"), false);
    }
    if (!got || *got == 0) co_return std::nullopt;
    if (auto refused = refusal_of_body(*got)) {
      co_await answer(*std::move(refused), false);
      co_return std::nullopt;
    }
  }
  admitted_ = false;
  co_return decoder_.take();
}

/// Of a request whose body comes in pieces, `more` of them just now.
std::optional<response> connection::refusal_of_body(bytes more) {
  if (decoder_.current() != request_decoder::state::body) return std::nullopt;
  const auto& options = server_->options;
  if (!std::exchange(admitted_, true) && options.admit) {
    if (auto refused = options.admit(decoder_.head())) return refused;
  }
  if (server_->bodies_bytes + more > options.bodies_bytes_most) {
    return problem(503, "unavailable", "too many large requests at once; try again later");
  }
  server_->bodies_bytes += more;
  body_bytes_ += more;
  return std::nullopt;
}

void connection::release_body() {
  server_->bodies_bytes -= std::exchange(body_bytes_, 0);
}

asio::awaitable<result<std::size_t>> connection::read(monotonic_time deadline) {
  std::array<char, read_bytes> buffer;
  auto reading = client_->read_some(buffer);
  auto got = co_await environment::until(server_->clock, deadline, std::move(reading),
                                         "nothing was received");
  if (got) decoder_.feed(std::string_view(buffer.data(), *got));
  co_return got;
}

asio::awaitable<result<void>> connection::invite_body() {
  return send("HTTP/1.1 100 Continue\r\n\r\n");
}

/// nullopt when the client has gone away meanwhile.
asio::awaitable<std::optional<response>> connection::ask_handler(request asked) {
  const auto& options = server_->options;
  const bool looks = asked.method == "GET" || asked.method == "HEAD";
  const bool cancel = options.cancel_with_client || (looks && options.cancel_reads_with_client);
  if (!cancel) co_return co_await call(std::move(asked));
  auto calling = call(std::move(asked));
  auto watching = watch_client();
  auto outcome = co_await (std::move(calling) || std::move(watching));
  if (outcome.index() == 1) co_return std::nullopt;
  co_return std::get<0>(std::move(outcome));
}

asio::awaitable<response> connection::call(request asked) {
  try {
    co_return co_await server_->answer(std::move(asked));
  } catch (const boost::system::system_error& thrown) {
    if (was_cancelled(thrown)) throw;
    co_return defect(thrown.what());
  } catch (const std::exception& thrown) {
    co_return defect(thrown.what());
  }
}

/// Ends when the client has gone away, or sends without waiting for answers beyond all measure.
asio::awaitable<void> connection::watch_client() {
  std::array<char, 1 * KiB> buffer;
  while (early_.size() < early_bytes_most) {
    auto got = co_await client_->read_some(buffer);
    if (!got || *got == 0) co_return;
    early_.append(buffer.data(), *got);
  }
}

/// Whether the connection can take another request.
asio::awaitable<bool> connection::answer(response made, bool to_head) {
  if (made.stream && !to_head) co_return co_await answer_with_stream(std::move(made));
  const bool again = decoder_.keep_alive() && !server_->stopping;
  const auto how = made.stream ? framing::until_close : framing::length;
  auto text = format_response_head(made, how, made.body.size(), again);
  if (!to_head) text += made.body;
  auto sent = co_await send(std::move(text));
  co_return again&& sent.has_value();
}

/// A stream is the last answer of its connection: while it runs, reading is for noticing that the
/// client has gone.
asio::awaitable<bool> connection::answer_with_stream(response made) {
  streaming_ = true;
  const auto how = decoder_.understands_chunks() ? framing::chunked : framing::until_close;
  auto sent = co_await send(format_response_head(made, how, 0, false));
  if (!sent) co_return false;
  auto running = run_stream(std::move(made.stream), how);
  auto watching = watch_client();
  co_await (std::move(running) || std::move(watching));
  co_return false;
}

asio::awaitable<bool> connection::run_stream(body_stream stream, framing how) {
  framed_writer writer([this](std::string text) { return send(std::move(text)); }, how);
  try {
    auto written = co_await stream(writer);
    if (!written) co_return false;
  } catch (const boost::system::system_error& thrown) {
    if (was_cancelled(thrown)) throw;
    co_return false;
  } catch (const std::exception&) {
    co_return false;
  }
  if (how != framing::chunked) co_return true;
  auto ended = co_await send(std::string(last_chunk));
  co_return ended.has_value();
}

asio::awaitable<result<void>> connection::send(std::string text) {
  return send_in_pieces(server_->clock, *client_, std::move(text), server_->options.write_most);
}

}  // namespace nine::http
