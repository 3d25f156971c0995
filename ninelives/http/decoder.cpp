#include "ninelives/http/decoder.hpp"

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <limits>

#include "ninelives/base/assert.hpp"
#include "ninelives/http/bounded_body.hpp"

namespace nine::http {
namespace {

namespace beast = boost::beast;

constexpr std::uint32_t clamp_to_32_bits(bytes value) {
  return static_cast<std::uint32_t>(
      std::min<bytes>(value, std::numeric_limits<std::uint32_t>::max()));
}

template <class Message>
headers copy_fields(const Message& message) {
  headers copied;
  for (const auto& field : message) {
    copied.add(std::string(field.name_string().data(), field.name_string().size()),
               std::string(field.value().data(), field.value().size()));
  }
  return copied;
}

template <class Parser>
void set_limits(Parser& parser, const message_limits& limits) {
  parser.header_limit(clamp_to_32_bits(limits.head_bytes_most));
  parser.body_limit(limits.body_bytes_most);
  parser.eager(true);
}

/// Gives the parser what is pending until it wants more or is done. Beast bounds heads and bodies;
/// what it leaves unread (the extensions of a chunk, trailers) is bounded here.
///
/// A parser that wants more after the head is `starved` and gets no fewer than five bytes next, the
/// least that can complete the frame of a chunk: Beast 1.81 asserts so for the last chunk, and a
/// peer that sends "0\r\n" and then single bytes would end the process. A head may lack a single
/// byte.
template <class Parser>
beast::error_code parse_pending(Parser& parser, std::string& pending, bool& starved,
                                bytes head_bytes_most) {
  constexpr std::size_t frame_bytes_least = 5;
  std::size_t used = 0;
  beast::error_code problem;
  const bool in_head = !parser.is_header_done();
  if (starved && !in_head && pending.size() < frame_bytes_least) return problem;
  while (used < pending.size() && !parser.is_done()) {
    const auto rest = boost::asio::buffer(pending.data() + used, pending.size() - used);
    const auto taken = parser.put(rest, problem);
    used += taken;
    if (problem || taken == 0) break;
  }
  pending.erase(0, used);
  starved = problem == beast::http::error::need_more;
  if (starved) problem = {};
  if (!problem && !parser.is_done() && pending.size() > head_bytes_most) {
    problem = beast::http::error::header_limit;
  }
  return problem;
}

std::string text_of(beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

struct request_decoder::parser : beast::http::request_parser<bounded_body> {};

struct response_decoder::parser : beast::http::response_parser<bounded_body> {};

request_decoder::request_decoder(message_limits limits) : limits_(limits) {}
request_decoder::~request_decoder() = default;

request_decoder::state request_decoder::feed(std::string_view piece) {
  pending_ += piece;
  if (state_ != state::whole && state_ != state::failed) advance();
  return state_;
}

void request_decoder::advance() {
  if (pending_.empty()) return;
  if (!parser_) {
    parser_ = std::make_unique<parser>();
    set_limits(*parser_, limits_);
  }
  const auto problem = parse_pending(*parser_, pending_, starved_, limits_.head_bytes_most);
  if (problem == beast::http::error::header_limit) {
    return fail_with(431, "too_large", "the head of the request is too large");
  }
  if (problem == beast::http::error::body_limit) {
    return fail_with(413, "too_large",
                     "the body of the request is too large; at most " +
                         std::to_string(limits_.body_bytes_most) + " bytes");
  }
  if (problem) return fail_with(400, "protocol_error", "no HTTP request: " + problem.message());
  const bool had_head = state_ == state::body;
  state_ = parser_->is_done()          ? state::whole
           : parser_->is_header_done() ? state::body
                                       : state::head;
  if (!had_head && state_ != state::head) take_head();
}

void request_decoder::take_head() {
  const auto& head = parser_->get();
  keep_alive_ = head.keep_alive();
  understands_chunks_ = head.version() >= 11;
  expects_continue_ = beast::iequals(head[beast::http::field::expect], "100-continue");
  auto where = parse_target(text_of(head.target()));
  if (!where) return fail_with(400, "invalid_argument", std::move(where).error().message);
  where_ = *std::move(where);
}

void request_decoder::fail_with(unsigned status, std::string_view code, std::string text) {
  state_ = state::failed;
  keep_alive_ = false;
  failure_status_ = status;
  failure_code_ = code;
  failure_text_ = std::move(text);
  pending_.clear();
  parser_.reset();
  starved_ = false;
}

request request_decoder::head() const {
  NINE_ASSERT(state_ == state::body || state_ == state::whole);
  const auto& message = parser_->get();
  return {
      .method = text_of(message.method_string()),
      .target_text = text_of(message.target()),
      .where = where_,
      .fields = copy_fields(message),
      .body = {},
      .parameters = {},
  };
}

request request_decoder::take() {
  NINE_ASSERT(state_ == state::whole);
  auto taken = head();
  taken.body = std::move(parser_->get().body());
  parser_.reset();
  starved_ = false;
  state_ = state::idle;
  return taken;
}

response_decoder::response_decoder(message_limits limits, bool answers_head)
    : limits_(limits), answers_head_(answers_head) {}
response_decoder::~response_decoder() = default;

result<void> response_decoder::feed(std::string_view piece) {
  received_anything_ = received_anything_ || !piece.empty();
  pending_ += piece;
  return advance();
}

result<void> response_decoder::advance() {
  constexpr unsigned interim_most = 16;
  while (!complete_ && !pending_.empty()) {
    if (!parser_) {
      parser_ = std::make_unique<parser>();
      set_limits(*parser_, limits_);
      parser_->skip(answers_head_);
    }
    const auto problem = parse_pending(*parser_, pending_, starved_, limits_.head_bytes_most);
    if (problem == beast::http::error::body_limit || problem == beast::http::error::header_limit) {
      return fail(error_code::too_large, "the answer is too large: " + problem.message());
    }
    if (problem) {
      return fail(error_code::protocol_error, "the answer is no HTTP: " + problem.message());
    }
    if (!parser_->is_header_done()) return {};
    // 1xx only announces the answer (RFC 9110 §15.2).
    if (!head_complete_ && parser_->get().result_int() < 200) {
      parser_.reset();
      starved_ = false;
      if (++interim_ > interim_most) {
        return fail(error_code::protocol_error, "too many interim answers");
      }
      continue;
    }
    take_head();
    complete_ = parser_->is_done();
    return {};
  }
  return {};
}

void response_decoder::take_head() {
  if (std::exchange(head_complete_, true)) return;
  status_ = parser_->get().result_int();
  fields_ = copy_fields(parser_->get());
}

result<void> response_decoder::feed_end() {
  if (complete_) return {};
  if (!head_complete_) {
    return fail(error_code::unavailable, received_anything_
                                             ? "the connection was cut inside the answer's head"
                                             : "the connection was closed without an answer");
  }
  beast::error_code problem;
  parser_->put_eof(problem);
  if (problem) return fail(error_code::unavailable, "the answer was cut off");
  complete_ = true;
  return {};
}

std::string response_decoder::take_body() {
  if (!parser_ || !head_complete_) return {};
  return std::exchange(parser_->get().body(), {});
}

}  // namespace nine::http
