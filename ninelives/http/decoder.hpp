#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/http/message.hpp"

namespace nine::http {

/// What a message may take at most.
struct message_limits {
  bytes head_bytes_most = 32 * KiB;
  bytes body_bytes_most = 16 * MiB;
};

/// Takes the bytes of a connection in pieces of any size and gives the requests in them. Pure.
class request_decoder {
 public:
  enum class state {
    idle,    ///< between requests, nothing of the next has come
    head,    ///< inside a request's head
    body,    ///< the head is complete, the body is not
    whole,   ///< a request can be taken
    failed,  ///< what came is no request; failure() is the answer, the connection must end
  };

  explicit request_decoder(message_limits limits);
  ~request_decoder();

  /// Takes more bytes. Those after the end of a request are kept for the next.
  state feed(std::string_view piece);
  state current() const { return state_; }

  /// The request without its body, from state body on until it is taken.
  request head() const;

  /// The whole request; then the decoder stands before the next one.
  request take();

  /// What to answer when it failed: 400, 413, 431.
  response failure() const { return problem(failure_status_, failure_code_, failure_text_); }

  /// About the request that is being read, from state body on, and about the one taken last.
  bool keep_alive() const { return keep_alive_; }
  bool expects_continue() const { return expects_continue_; }
  bool understands_chunks() const { return understands_chunks_; }

 private:
  struct parser;
  void advance();
  void take_head();
  void fail_with(unsigned status, std::string_view code, std::string text);

  message_limits limits_;
  std::unique_ptr<parser> parser_;
  std::string pending_;
  bool starved_ = false;
  state state_ = state::idle;
  target where_;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  bool understands_chunks_ = true;
  unsigned failure_status_ = 400;
  std::string failure_code_;
  std::string failure_text_;
};

/// Takes the bytes that answer one request. Pure.
class response_decoder {
 public:
  response_decoder(message_limits limits, bool answers_head);
  ~response_decoder();

  /// Error: protocol_error, too_large.
  result<void> feed(std::string_view piece);

  /// The other side has ended its sending. Error: unavailable when the answer is not whole.
  result<void> feed_end();

  bool head_complete() const { return head_complete_; }
  bool complete() const { return complete_; }
  bool received_anything() const { return received_anything_; }

  unsigned status() const { return status_; }
  const headers& fields() const { return fields_; }

  /// What has come of the body since the last call.
  std::string take_body();

 private:
  struct parser;
  result<void> advance();
  void take_head();

  message_limits limits_;
  bool answers_head_;
  std::unique_ptr<parser> parser_;
  std::string pending_;
  bool starved_ = false;
  unsigned interim_ = 0;
  bool received_anything_ = false;
  bool head_complete_ = false;
  bool complete_ = false;
  unsigned status_ = 0;
  headers fields_;
};

}  // namespace nine::http
