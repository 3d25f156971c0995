#pragma once

#include <optional>
#include <string_view>

#include "ninelives/base/time.hpp"
#include "ninelives/http/headers.hpp"

namespace nine::model_client {

/// When to come back, as the headers of an answer say: retry-after-ms before Retry-After (seconds
/// or a date) before the reset headers of OpenAI and Anthropic, of which the latest counts. Never
/// before now, never more than a day ahead. Pure.
std::optional<wall_time> retry_time(const http::headers& fields, wall_time now);

/// "6s", "1m30s", "250ms", "1h2m3.5s": how OpenAI writes a span.
std::optional<duration> parse_span(std::string_view text);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7; the two obsolete forms are not read).
std::optional<wall_time> parse_http_date(std::string_view text);

/// "2026-11-22T06:00:00Z", also with fractions and offsets (RFC 3339).
std::optional<wall_time> parse_timestamp(std::string_view text);

}  // namespace nine::model_client
