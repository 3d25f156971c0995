#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/http/headers.hpp"
#include "ninelives/http/target.hpp"

namespace nine::http {

/// A request as a handler gets it, whole.
struct request {
  std::string method;
  std::string target_text;  ///< as it was sent
  target where;
  headers fields;
  std::string body;
  std::map<std::string, std::string> parameters;  ///< from the route: {"id", "t7"}

  /// A parameter of the matched route; it is there when the route names it.
  const std::string& parameter(const std::string& name) const;
};

/// Takes the body of a response piece by piece.
class body_writer {
 public:
  virtual ~body_writer() = default;

  /// Returns when the connection has taken the piece: whoever awaits it is slowed down to the pace
  /// of the client. Error: unavailable or timed_out when the client is gone or does not read.
  virtual boost::asio::awaitable<result<void>> write(std::string_view piece) = 0;
};

/// Writes a body of unknown length. Returning an error cuts the connection, so that the client can
/// tell the half of an answer from a whole one. It is cancelled when the client goes away.
using body_stream = std::move_only_function<boost::asio::awaitable<result<void>>(body_writer&)>;

struct response {
  unsigned status = 200;
  headers fields;
  std::string body;
  body_stream stream;  ///< when set, the body is what it writes and `body` is not used
};

/// Handlers are called again and again, also at the same time.
using handler = std::function<boost::asio::awaitable<response>(request)>;

/// A JSON body with this status; `json` is the finished text.
/// Bytes that are no UTF-8 are replaced, for no reader of JSON would take them.
response json_response(unsigned status, std::string json);

/// {"error":{"code":…,"message":…}}, the one shape of every error.
response problem(unsigned status, std::string_view code, std::string_view message);

/// The same for an error from within: its code decides the status.
response problem(const error& cause);

unsigned status_of(error_code code);

/// "Not Found"; empty for what has no name.
std::string_view reason_of(unsigned status);

}  // namespace nine::http
