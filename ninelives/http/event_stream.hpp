#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/http/message.hpp"

/// Server-sent events (WHATWG HTML, "9.2 Server-sent events").
namespace nine::http {

struct sent_event {
  std::string id;    ///< the last id the stream gave, also by an earlier event
  std::string name;  ///< "message" unless the stream says otherwise
  std::string data;
  bool operator==(const sent_event&) const = default;
};

/// Takes a stream in pieces of any size, gives the events in it. A line or an event larger than the
/// limit is an error; then the parser takes nothing more.
class event_stream_parser {
 public:
  explicit event_stream_parser(bytes event_bytes_most = 4 * MiB) : limit_(event_bytes_most) {}

  /// The events completed by this piece. Error: too_large.
  result<std::vector<sent_event>> feed(std::string_view piece);

  /// What the server asked for as the wait before a new connection.
  std::optional<std::int64_t> retry_ms() const { return retry_ms_; }

 private:
  void take_line(std::string_view line, std::vector<sent_event>& events);
  void take_field(std::string_view field, std::string_view value);
  void dispatch(std::vector<sent_event>& events);

  bytes limit_;
  std::string line_;
  std::string data_;
  bool has_data_ = false;
  std::string name_;
  std::string id_;
  std::optional<std::int64_t> retry_ms_;
  bool at_start_ = true;
  bool after_carriage_return_ = false;
};

/// The text of one event. Line ends within `data` become several data lines; `id` and `name` hold
/// none. An empty name is left out.
std::string format_event(const sent_event& event);

/// A line every client ignores; keeps the connection from looking dead.
std::string format_comment(std::string_view text);

/// The response of a server that sends events with this stream.
response event_stream_response(body_stream stream);

}  // namespace nine::http
