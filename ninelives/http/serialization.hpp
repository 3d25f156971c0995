#pragma once

#include <string>
#include <string_view>

#include "ninelives/http/headers.hpp"
#include "ninelives/http/message.hpp"

namespace nine::http {

/// How a response's body is framed.
enum class framing {
  length,       ///< Content-Length
  chunked,      ///< Transfer-Encoding: chunked
  until_close,  ///< ended by the end of the connection, for HTTP/1.0
};

/// Status line and header fields, with the empty line. Line ends inside a value become spaces: no
/// value can add fields of its own. Framing and Connection are set here, not by handlers.
std::string format_response_head(const response& head, framing how, std::size_t length,
                                 bool keep_alive);

/// Request line and header fields, with Content-Length and the empty line. One request for each
/// connection: Connection is close.
std::string format_request_head(std::string_view method, std::string_view target_text,
                                const headers& fields, std::size_t length);

/// One chunk of a chunked body; `piece` is not empty, for an empty chunk would end the body.
std::string format_chunk(std::string_view piece);

/// What ends a chunked body.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace nine::http
